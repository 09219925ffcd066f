// Small files that are durable when the call returns: written aside, synced, renamed into place,
// and the directory synced. A crash leaves the old file or the new one, never a part.
//
//   QM_RETURN_IF_ERROR(WriteDurably(dir + "/key", bytes));
//   QM_ASSIGN_OR_RETURN(std::string bytes, ReadWhole(dir + "/key"));
//
// Large ones piece by piece:
//
//   QM_ASSIGN_OR_RETURN(auto file, DurableWriter::Create(dir + "/checkpoint"));
//   QM_RETURN_IF_ERROR(file->Append(bytes));
//   QM_RETURN_IF_ERROR(file->Finish());
#ifndef QUARTERMASTER_STORAGE_DURABLE_FILE_H_
#define QUARTERMASTER_STORAGE_DURABLE_FILE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::storage {

// What a file that is being written aside ends with (before its number).
inline constexpr std::string_view kAsideMark = ".aside-";

// All thread-safe; they block on the disk. Errors name the path: kNotFound, kAlreadyExists,
// kResourceExhausted (the disk is full), kInternal.

// The error of a failed system call, by errno.
absl::Status FileError(std::string_view what, const std::string& path);

// Creates the directory (mode 0700) if it is not there, durably; its parent must exist.
absl::Status MakeDirectory(const std::string& path);
// The same with those above it.
absl::Status MakeDirectories(const std::string& path);
absl::Status SyncDirectory(const std::string& path);
// A file that is being written aside, mode 0600; gone again if it is not finished. Not thread-safe.
class DurableWriter {
 public:
  static absl::StatusOr<std::unique_ptr<DurableWriter>> Create(std::string path);
  ~DurableWriter();
  DurableWriter(const DurableWriter&) = delete;
  DurableWriter& operator=(const DurableWriter&) = delete;

  absl::Status Append(std::string_view bytes);
  // Writes or replaces the file. Once, and then nothing more.
  absl::Status Finish();

 private:
  DurableWriter(std::string path, std::string aside, int fd);

  // Has not been synced.
  size_t unsynced_bytes_ = 0;
  const std::string path_;
  // Empty once it is finished.
  std::string aside_;
  const int fd_;
};

// Writes or replaces the file, mode 0600.
absl::Status WriteDurably(const std::string& path, std::string_view bytes);
absl::StatusOr<std::string> ReadWhole(const std::string& path);
// Overwrites the file's bytes where they lie, as far as the disk allows it, and removes it. OK if
// there is none.
absl::Status RemoveDurably(const std::string& path);
// Removes what a crash left half written in the directory. Nobody may be writing in it.
absl::Status RemoveAsides(const std::string& directory);
// Removes what a crash left half written of one file, if it can be removed. Not for secrets: what
// was in it is not overwritten.
void DropAsides(const std::string& path);

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_DURABLE_FILE_H_
