// A file that is read and written in places. Errors are those of storage/durable_file.h.
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_FILES_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_FILES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::qm {

// A descriptor that is closed at the end. Movable.
class File {
 public:
  // None.
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  static absl::StatusOr<File> OpenToRead(const std::string& path);
  // Created (mode 0600) if it is not there.
  static absl::StatusOr<File> OpenToWrite(const std::string& path);

  bool is_open() const { return descriptor_ >= 0; }
  const std::string& path() const { return path_; }

  absl::StatusOr<int64_t> Size() const;
  // As many bytes as there are from `offset` on, at most `size`.
  absl::Status ReadAt(int64_t offset, size_t size, std::string* bytes) const;
  absl::Status WriteAt(int64_t offset, std::string_view bytes) const;
  absl::Status Truncate(int64_t size) const;
  absl::Status Sync() const;
  // False if another process has it locked. Until the file is closed.
  absl::StatusOr<bool> Lock() const;

 private:
  File(std::string path, int descriptor);
  static absl::StatusOr<File> Open(const std::string& path, int flags);

  std::string path_;
  int descriptor_ = -1;
};

// False, too, if that cannot be found out.
bool Exists(const std::string& path);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_FILES_H_
