// RecordFilter: which records of the log are wanted, as the command line says it.
//
//   type=OrderPlaced         the event's name
//   partition=stock/0        where it stands
//   key=A-1                  this value anywhere in the event: a SKU, an order, a request, ...
//   FIELD=VALUE              this value in a field of this name, at any depth: order_id=o-1
//
// Several for one name: any of them. For different names: all of them.
#ifndef QUARTERMASTER_TOOLS_QM_LOG_RECORD_FILTER_H_
#define QUARTERMASTER_TOOLS_QM_LOG_RECORD_FILTER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/qm/output/json.h"

namespace quartermaster::qm {

// Thread-compatible.
class RecordFilter {
 public:
  // Errors: kInvalidArgument (not NAME=VALUE; a type that no partition has), which says what is.
  static absl::StatusOr<RecordFilter> Parse(const std::vector<std::string>& texts);

  bool WantsPartition(const std::string& name) const;
  // `record` as RecordToJson makes it.
  bool Wants(const Json& record) const;
  // Whether it looks into events: then stock's must have their names (stock_names.h).
  bool LooksIntoEvents() const;

 private:
  std::map<std::string, std::set<std::string>> wanted_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_LOG_RECORD_FILTER_H_
