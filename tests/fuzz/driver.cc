// Runs a fuzz target without libFuzzer: replays files, then tries random inputs.
//
//     fuzz_heap_replay [--runs N] [--seed N] [--max-bytes N] [FILE or FOLDER]...

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

Input read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void run(const Input& input) { (void)LLVMFuzzerTestOneInput(input.data(), input.size()); }

std::vector<Input> read_corpus(const std::filesystem::path& path) {
  std::vector<Input> corpus;
  if (!std::filesystem::is_directory(path)) return {read_file(path)};
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) corpus.push_back(read_file(entry.path()));
  }
  return corpus;
}

/// A new input, or a changed one of the corpus.
Input next_input(std::mt19937_64& random, const std::vector<Input>& corpus, size_t max_bytes) {
  constexpr size_t kMaxChanges = 8;
  Input input;
  size_t changes = 1 + random() % kMaxChanges;
  if (!corpus.empty() && random() % 4 != 0) input = corpus[random() % corpus.size()];
  if (input.empty()) {
    input.resize(1 + random() % max_bytes);
    changes = input.size();
  }
  for (; changes > 0; --changes) input[random() % input.size()] = static_cast<uint8_t>(random());
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 0;
  uint64_t seed = 1;
  size_t max_bytes = 256;
  std::vector<Input> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--runs" && has_value) {
      runs = std::strtoull(argv[++i], nullptr, 0);
    } else if (word == "--seed" && has_value) {
      seed = std::strtoull(argv[++i], nullptr, 0);
    } else if (word == "--max-bytes" && has_value) {
      max_bytes = std::strtoull(argv[++i], nullptr, 0);
    } else {
      const auto files = read_corpus(word);
      corpus.insert(corpus.end(), files.begin(), files.end());
    }
  }
  const auto start = std::chrono::steady_clock::now();
  for (const Input& input : corpus) run(input);
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < runs; ++i) run(next_input(random, corpus, max_bytes));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%zu inputs replayed, %llu made up, %.1f s\n", corpus.size(),
              static_cast<unsigned long long>(runs), took.count());
}
