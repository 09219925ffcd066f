// RejectFile: the rows that were not taken, with line and reason in front of their own columns, so
// that they can be corrected and imported from there. In the form that the imported file has.
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_REJECT_FILE_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_REJECT_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/qm/importer/import_kind.h"
#include "tools/qm/rows/aside_file.h"

namespace quartermaster::qm {

// Written aside, and put in the place of an older file of the name by Close, if there are rows.
// Not thread-safe.
class RejectFile {
 public:
  // `header` is that of a CSV file.
  RejectFile(std::string path, FileFormat format, std::vector<std::string> header);

  void Add(const ImportRow& row, const std::string& reason);
  // Errors: kUnavailable (cannot be written).
  absl::Status Close();

  const std::string& path() const { return file_.path(); }
  int64_t rows() const { return rows_; }

 private:
  AsideFile file_;
  const FileFormat format_;
  const std::vector<std::string> header_;
  int64_t rows_ = 0;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_REJECT_FILE_H_
