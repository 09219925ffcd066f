// CheckedFile: a large file that is whole or of no use, with a checksum over all of it. For what
// can be made anew: a checkpoint.
//
//   QM_ASSIGN_OR_RETURN(auto writer, CheckedFileWriter::Create(path));
//   QM_RETURN_IF_ERROR(writer->Append(bytes));
//   QM_RETURN_IF_ERROR(writer->Finish());
//
//   QM_ASSIGN_OR_RETURN(auto file, CheckedFile::Open(path));     // all of it has been checked
//   while (!(piece = file->Next()).empty()) ...
//
// The byte format is in FORMAT.md.
#ifndef QUARTERMASTER_STORAGE_CHECKED_FILE_H_
#define QUARTERMASTER_STORAGE_CHECKED_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/durable_file.h"

namespace quartermaster::storage {

// Not thread-safe. Errors: those of durable_file.h; kResourceExhausted also if the disk would have
// less than kFreeBytes left: others need it more.
class CheckedFileWriter {
 public:
  // Written aside: nothing is there before it is finished, and what was there stays until then.
  static absl::StatusOr<std::unique_ptr<CheckedFileWriter>> Create(std::string path);
  static constexpr uint64_t kFreeBytes = uint64_t{512} << 20;
  ~CheckedFileWriter();

  absl::Status Append(std::string_view bytes);
  // Makes it durable. Once, and then nothing more.
  absl::Status Finish();

 private:
  struct Hash;
  CheckedFileWriter(std::string path, std::unique_ptr<DurableWriter> file);
  // What is hashed is what is written.
  absl::Status Write(std::string_view bytes);

  const std::string path_;
  const std::unique_ptr<DurableWriter> file_;
  const std::unique_ptr<Hash> hash_;
  uint64_t size_ = 0;
};

// Not thread-safe.
class CheckedFile {
 public:
  // Reads all of it once. Errors: kNotFound; kDataLoss (cut, damaged, or something else);
  // kFailedPrecondition (a format above ours); kInternal.
  static absl::StatusOr<std::unique_ptr<CheckedFile>> Open(const std::string& path);
  ~CheckedFile();
  CheckedFile(const CheckedFile&) = delete;
  CheckedFile& operator=(const CheckedFile&) = delete;

  // How many bytes it has.
  uint64_t size() const { return size_; }
  // The next of them; empty at the end, or if they cannot be read any more. Valid until the next
  // call.
  std::string_view Next();

 private:
  CheckedFile(int fd, uint64_t size);

  const int fd_;
  const uint64_t size_;
  uint64_t read_ = 0;
  std::string buffer_;
};

}  // namespace quartermaster::storage

#endif  // QUARTERMASTER_STORAGE_CHECKED_FILE_H_
