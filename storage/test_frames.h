// Frames and directories for the tests of storage.
#ifndef QUARTERMASTER_STORAGE_TEST_FRAMES_H_
#define QUARTERMASTER_STORAGE_TEST_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <system_error>

#include "storage/frame.h"

namespace quartermaster::storage {

// A frame of `records` records of `payload_size` bytes each; equal arguments, equal bytes.
inline std::string MakeFrame(Position first, int records, size_t payload_size = 10,
                             char fill = 'a') {
  FrameBuilder builder;
  builder.Reset(first, Instant{1'000 + first});
  for (int i = 0; i < records; ++i) builder.Add(2, 1, std::string(payload_size, fill));
  return std::string(builder.Finish());
}

// An empty directory that is removed at the end.
class TempDir {
 public:
  TempDir() {
    std::string path = (std::filesystem::temp_directory_path() / "qm_storage_XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The contents of a directory's files by name.
inline std::map<std::string, std::string> Snapshot(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename().string()] =
        std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

// Copies the directory of a living database: what a killed process would leave. Starts over when
// files come, go or grow meanwhile.
inline void CopyLiving(const std::string& from, const std::string& to) {
  const auto sizes = [&] {
    std::map<std::string, uintmax_t> files;
    for (const auto& entry : std::filesystem::directory_iterator(from)) {
      std::error_code gone;
      files[entry.path().filename().string()] = entry.file_size(gone);
    }
    return files;
  };
  while (true) {
    std::filesystem::remove_all(to);
    std::filesystem::create_directories(to);
    const auto before = sizes();
    std::error_code gone;
    for (const auto& [name, size] : before) {
      std::filesystem::copy_file(std::filesystem::path(from) / name,
                                 std::filesystem::path(to) / name, gone);
      if (gone) break;
    }
    if (!gone && sizes() == before) return;
  }
}

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_TEST_FRAMES_H_
