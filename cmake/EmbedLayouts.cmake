# Writes OUTPUT, a C++ file that holds the text of every layout file in FILES, oldest V8 first.
list(SORT FILES COMPARE NATURAL)
set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND entries "    {\"${name}\", R\"layout(${text})layout\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"v8/layout_library.h\"

namespace corewalk::v8 {

std::span<const LayoutText> built_in_layouts() {
  static constexpr LayoutText kTexts[] = {
${entries}  };
  return kTexts;
}

}  // namespace corewalk::v8
")
