// RejectFile: the rows that were not taken, with line and reason in front of their own columns, so
// that they can be corrected and imported from there.
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_REJECT_FILE_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_REJECT_FILE_H_

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace quartermaster::qm {

// Written aside, and put in the place of an older file of the name by Close, if there are rows.
// Not thread-safe.
class RejectFile {
 public:
  RejectFile(std::string path, std::vector<std::string> header);
  // What was not closed is taken away.
  ~RejectFile();
  RejectFile(const RejectFile&) = delete;
  RejectFile& operator=(const RejectFile&) = delete;

  void Add(int64_t line, const std::string& reason, const std::vector<std::string>& fields);
  // Errors: kUnavailable (cannot be written).
  absl::Status Close();

  const std::string& path() const { return path_; }
  int64_t rows() const { return rows_; }

 private:
  void WriteRow(const std::vector<std::string>& fields);

  const std::string path_;
  const std::string aside_;
  const std::vector<std::string> header_;
  std::ofstream file_;
  int64_t rows_ = 0;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_REJECT_FILE_H_
