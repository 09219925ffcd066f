// Small files that are durable when the call returns: written aside, synced, renamed into place,
// and the directory synced. A crash leaves the old file or the new one, never a part.
//
//   QM_RETURN_IF_ERROR(WriteDurably(dir + "/key", bytes));
//   QM_ASSIGN_OR_RETURN(std::string bytes, ReadWhole(dir + "/key"));
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_DURABLE_FILE_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_DURABLE_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::orders {

// What a file that is being written aside ends with (before its number): left over by a crash, it
// may be deleted.
inline constexpr std::string_view kAsideMark = ".aside-";

// All thread-safe; they block on the disk.

// Creates the directory (mode 0700) if it is not there, durably; its parent must exist.
absl::Status MakeDirectory(const std::string& path);
// Writes or replaces the file, mode 0600.
absl::Status WriteDurably(const std::string& path, std::string_view bytes);
// Errors: kNotFound, kInternal.
absl::StatusOr<std::string> ReadWhole(const std::string& path);
// Overwrites the file's bytes where they lie, as far as the disk allows it, and removes it. OK if
// there is none.
absl::Status RemoveDurably(const std::string& path);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_DURABLE_FILE_H_
