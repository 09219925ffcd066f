#include "storage/rocksdb_status.h"

#include <charconv>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace quartermaster::storage {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::optional<uint64_t> MissingWal(const rocksdb::Status& status) {
  constexpr std::string_view kWords = "Missing WAL with log number: ";
  const std::string words = status.ToString();
  const size_t at = words.find(kWords);
  if (!status.IsCorruption() || at == std::string::npos) return std::nullopt;
  uint64_t number = 0;
  const char* const digits = words.data() + at + kWords.size();
  if (std::from_chars(digits, words.data() + words.size(), number).ec != std::errc()) {
    return std::nullopt;
  }
  return number;
}

// RocksDB 7.8 has no codes for some of these, so that its words are all there is to go by. The
// damage tests produce each of them with real files, and would notice other words.
absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  // A missing SST file is looked for under its old name last, which would only confuse.
  const std::string words = absl::StrReplaceAll(status.ToString(), {{".ldb", ".sst"}});
  const auto message = [&](const char* cause) {
    return absl::StrCat("cannot ", std::string(what), ": ", cause, " (", words, ")");
  };
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message("the disk is full"));
  if (status.IsIOError() && (Contains(words, "/LOCK:") || Contains(words, "lock hold by"))) {
    return absl::FailedPreconditionError(message("the directory is in use by another process"));
  }
  if (status.IsInvalidArgument() && Contains(words, "Column families not opened")) {
    return absl::FailedPreconditionError(
        message("it holds a column family that this binary does not know: use a newer one"));
  }
  if (MissingWal(status).has_value()) {
    return absl::DataLossError(message("a write-ahead log file is missing"));
  }
  if (Contains(words, "Size mismatch: WAL")) {
    return absl::DataLossError(message("a write-ahead log file lost its tail"));
  }
  if (status.IsPathNotFound() || Contains(words, "No such file")) {
    return absl::DataLossError(message("a file is missing"));
  }
  if (Contains(words, "file size mismatch")) {
    return absl::DataLossError(message("a file is too short or too long"));
  }
  if (status.IsCorruption()) return absl::DataLossError(message("a file is damaged"));
  return absl::InternalError(message("storage failed"));
}

}  // namespace quartermaster::storage
