// AsideFile: a file that is written beside its place, and put there when it is whole.
//
//   AsideFile file("stock.csv");
//   file.Write("sku,quantity\n");
//   QM_RETURN_IF_ERROR(file.Commit());
#ifndef QUARTERMASTER_TOOLS_QM_ROWS_ASIDE_FILE_H_
#define QUARTERMASTER_TOOLS_QM_ROWS_ASIDE_FILE_H_

#include <fstream>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quartermaster::qm {

// Not thread-safe.
class AsideFile {
 public:
  // Nothing is created before the first Write.
  explicit AsideFile(std::string path);
  // What was not committed is taken away; an older file of the name stays as it was.
  ~AsideFile();
  AsideFile(const AsideFile&) = delete;
  AsideFile& operator=(const AsideFile&) = delete;

  void Write(std::string_view text);
  // Drops what was written; Write begins anew.
  void Restart();
  // It takes the place of an older file of the name. Errors: kUnavailable (cannot be written).
  absl::Status Commit();

  // Prints what was written instead, and takes it away. Errors: kUnavailable (cannot be written).
  absl::Status MoveTo(std::ostream& out);

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const std::string aside_;
  std::ofstream file_;
};

// kAlreadyExists if there is something at the path that is no file: it would be replaced.
absl::Status CheckReplaceable(const std::string& path);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_ROWS_ASIDE_FILE_H_
