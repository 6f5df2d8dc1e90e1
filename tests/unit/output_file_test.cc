#include "report/output_file.h"

#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <sstream>

#include "base/failure.h"
#include "support/catch.h"
#include "support/temp_directory.h"

namespace corewalk {
namespace {

namespace fs = std::filesystem;
using test::TempDirectory;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

void write_whole(const fs::path& path, std::string_view text) {
  OutputFile file(path);
  // In two pieces.
  file.sink().write(text.substr(0, text.size() / 2));
  file.sink().write(text.substr(text.size() / 2));
  file.commit();
}

std::string many_lines() {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += std::to_string(i) + ",";
  return text;
}

TEST_CASE("an output file appears when it is whole", "[report]") {
  const TempDirectory folder;
  const fs::path path = folder.path() / "a.heapsnapshot";
  {
    OutputFile file(path);
    file.sink().write("half");
    CHECK_FALSE(fs::exists(path));
  }
  CHECK(files_in(folder.path()) == 0);
  write_whole(path, "first");
  CHECK(read_file(path) == "first");
  // An older one stays until the new one is there.
  {
    OutputFile file(path);
    file.sink().write("half");
  }
  CHECK(read_file(path) == "first");
  write_whole(path, "second");
  CHECK(read_file(path) == "second");
  CHECK(files_in(folder.path()) == 1);
  struct stat state = {};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777U) == 0600U);
}

TEST_CASE("an output file is compressed by its suffix", "[report]") {
  const TempDirectory folder;
  const std::string text = many_lines();

  write_whole(folder.path() / "a.gz", text);
  gzFile gz = ::gzopen((folder.path() / "a.gz").c_str(), "rb");
  REQUIRE(gz != nullptr);
  std::string unzipped(text.size() + 1, '\0');
  unzipped.resize(
      static_cast<size_t>(::gzread(gz, unzipped.data(), static_cast<unsigned>(unzipped.size()))));
  ::gzclose(gz);
  CHECK(unzipped == text);

  write_whole(folder.path() / "a.zst", text);
  const std::string zst = read_file(folder.path() / "a.zst");
  CHECK(zst.size() < text.size() / 2);
  std::string restored(text.size() + 1, '\0');
  // Streamed: the frame does not say its size.
  ZSTD_DStream* const stream = ZSTD_createDStream();
  ZSTD_inBuffer input = {zst.data(), zst.size(), 0};
  ZSTD_outBuffer output = {restored.data(), restored.size(), 0};
  CHECK(ZSTD_decompressStream(stream, &output, &input) == 0);
  ZSTD_freeDStream(stream);
  CHECK(std::string_view(restored).substr(0, output.pos) == text);
}

TEST_CASE("an empty output file is a valid one", "[report]") {
  const TempDirectory folder;
  write_whole(folder.path() / "a.gz", "");
  write_whole(folder.path() / "a.zst", "");
  write_whole(folder.path() / "a", "");
  CHECK(fs::file_size(folder.path() / "a.gz") > 0);
  CHECK(fs::file_size(folder.path() / "a.zst") > 0);
  CHECK(fs::file_size(folder.path() / "a") == 0);
}

TEST_CASE("what is no regular file is written in place", "[report]") {
  write_whole("/dev/null", "text");
  CHECK(fs::is_character_file("/dev/null"));

  const TempDirectory folder;
  write_whole(folder.path() / "target", "old");
  fs::create_symlink("target", folder.path() / "link");
  write_whole(folder.path() / "link", "new");
  CHECK(fs::is_symlink(folder.path() / "link"));
  CHECK(read_file(folder.path() / "target") == "new");
}

TEST_CASE("an output file says why it cannot be written", "[report]") {
  const TempDirectory folder;
  CHECK_THROWS_WITH(OutputFile(folder.path() / "none" / "a"),
                    test::contains_text("cannot write: No such file or directory"));
  CHECK_THROWS_WITH(OutputFile(folder.path()), test::contains_text("Is a directory"));
  // The device that is always full.
  OutputFile full("/dev/full");
  CHECK_THROWS_WITH(full.sink().write("text"), test::contains_text("No space left on device"));
}

}  // namespace
}  // namespace corewalk
