# `cpack -G DEB` makes a Debian package, `cpack -G TGZ` an archive that works where it is unpacked.
set(CPACK_PACKAGE_NAME corewalk)
set(CPACK_PACKAGE_VENDOR "The corewalk authors")
# Nobody is behind an address yet: whoever hands packages out puts name and address here.
set(CPACK_PACKAGE_CONTACT "The corewalk authors")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)

set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "lldb")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gdb, nodejs")
# The part below the summary, which is the description of the project.
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "\
Reads the core dump that a Node.js process left and tells what was in its
heap: the objects by constructor with their number and size, what ended
the process, and how far the core is understood. Works on Node.js 12 to
26, as a program for the shell and as a plugin for LLDB.")

include(CPack)
