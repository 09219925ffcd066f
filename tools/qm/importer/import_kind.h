// ImportKind: what one kind of file means: its columns, how rows are gathered into requests, and
// what the answers say of each row.
#ifndef QUARTERMASTER_TOOLS_QM_IMPORTER_IMPORT_KIND_H_
#define QUARTERMASTER_TOOLS_QM_IMPORTER_IMPORT_KIND_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/qm/client/error_report.h"
#include "tools/qm/rows/row_reader.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace quartermaster::qm {

class Context;

// A row whose fields stand in the order of the kind's columns; a column that the file lacks is
// empty.
struct ImportRow {
  int64_t first_line = 0;
  int64_t last_line = 0;
  std::vector<std::string> fields;
  // As they stand in the file, for the reject file: the fields of CSV, the line of NDJSON.
  std::vector<std::string> raw;
  std::string text;
};

struct RowOutcome {
  enum State { kPending, kApplied, kUnchanged, kRejected };
  State state = kPending;
  std::string reason;

  void Reject(std::string why) {
    state = kRejected;
    reason = std::move(why);
  }
};

// A request that holds the rows that passed. Thread-compatible; its callbacks come from gRPC's
// threads.
class ImportCall {
 public:
  virtual ~ImportCall() = default;
  // Sends it. May be called again, with the same request id, once `done` has run.
  virtual void Start(std::function<void(const grpc::Status&)> done) = 0;
  // After an OK: what became of each row that was sent.
  virtual void ReadAnswer(std::vector<RowOutcome>& outcomes) = 0;
  // After INVALID_FIELD: rejects the rows that it names and takes them out. False if it names none,
  // or nothing is left to send.
  virtual bool TakeOutInvalid(const ErrorReport& error, std::vector<RowOutcome>& outcomes) = 0;
};

// Not thread-safe.
class ImportKind {
 public:
  virtual ~ImportKind() = default;
  // "stock": part of the request ids.
  virtual std::string_view name() const = 0;
  virtual const std::vector<Column>& columns() const = 0;
  // Whether the row goes into the request that holds `rows` (at least one) already.
  virtual bool Joins(const std::vector<ImportRow>& rows, const ImportRow& row) const = 0;
  // Checks the rows in order, sets the outcome of those that will not be sent, and makes the
  // request of the others; null if there are none. The same rows give the same request.
  virtual std::unique_ptr<ImportCall> Prepare(const std::vector<ImportRow>& rows,
                                              const std::string& request_id,
                                              std::vector<RowOutcome>& outcomes) = 0;
  // Why rows could not be checked, if Prepare needed something of the server that it did not get:
  // nothing is known of the rows that it left pending.
  virtual std::optional<ErrorReport> lost() const { return std::nullopt; }
};

// The context must outlive them.
std::unique_ptr<ImportKind> NewItemImport(Context& context);
std::unique_ptr<ImportKind> NewLocationImport(Context& context);
std::unique_ptr<ImportKind> NewStockImport(Context& context);
std::unique_ptr<ImportKind> NewOrderImport(Context& context);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_IMPORTER_IMPORT_KIND_H_
