// ExportFile: where exported rows go: a file that is there when it is whole, or standard output,
// which gets nothing before that.
#ifndef QUARTERMASTER_TOOLS_QM_EXPORTER_EXPORT_FILE_H_
#define QUARTERMASTER_TOOLS_QM_EXPORTER_EXPORT_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/qm/rows/aside_file.h"
#include "tools/qm/rows/file_format.h"

namespace quartermaster::qm {

// Not thread-safe.
class ExportFile {
 public:
  // "-" is standard output.
  ExportFile(const std::string& path, FileFormat format);

  // Begins, or begins anew.
  void Begin(std::vector<std::string> columns);
  // As many cells as columns.
  void Row(const std::vector<Cell>& cells);
  // Errors: kUnavailable (cannot be written).
  absl::Status Commit();

  int64_t rows() const { return rows_; }
  // Where to put what does not fit into memory.
  const std::string& directory() const { return directory_; }

 private:
  const bool to_output_;
  const std::string directory_;
  const FileFormat format_;
  AsideFile file_;
  std::vector<std::string> columns_;
  std::string text_;
  int64_t rows_ = 0;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_EXPORTER_EXPORT_FILE_H_
