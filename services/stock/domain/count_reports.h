// Reports on counts and sources, with names instead of ids: what people reconcile by.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNT_REPORTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNT_REPORTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/counts.h"
#include "services/stock/domain/sources.h"

namespace quartermaster::stock {

struct State;

// A count as it is at the moment; the fields are those of Count.
struct CountStatus {
  std::string id;
  std::string source;
  CountState state = CountState::kStaging;
  int parts = 0;
  int parts_staged = 0;
  // The first of them.
  std::vector<int> missing_parts;
  int64_t rows = 0;
  int64_t positions = 0;
  int64_t differing = 0;
  Quantity surplus;
  Quantity deficit;
  int64_t superseded = 0;
  int64_t too_old = 0;
  int64_t doubtful = 0;
  Instant taken;
  Instant started;
  Instant changed;

  friend bool operator==(const CountStatus&, const CountStatus&) = default;
};

struct SourceReport {
  std::string name;
  int64_t last_sequence = 0;
  bool suspect = false;
  Instant suspect_since;
  // The first of them.
  std::vector<SequenceGap> gaps;
  int64_t missing_messages = 0;
  std::optional<CountStatus> last_count;

  friend bool operator==(const SourceReport&, const SourceReport&) = default;
};

struct DifferenceReport {
  std::string sku;
  std::string location;
  // What its last count found; variance 0: nothing, and the other fields mean nothing.
  Quantity variance;
  DiscrepancyCause cause = DiscrepancyCause::kUnexplained;
  std::string count_id;
  std::string source;
  Instant since = kDistantPast;
  Instant found;
  // A count is asked for.
  bool recount = false;
  DiscrepancyCause recount_cause = DiscrepancyCause::kUnexplained;
  Instant recount_since;
  std::string recount_source;

  friend bool operator==(const DifferenceReport&, const DifferenceReport&) = default;
};

// The count must be known.
CountStatus ReportCount(const State& state, CountIndex count);

struct SourceReports {
  std::vector<SourceReport> sources;
  // Where to go on; kNone: there are no more.
  SourceIndex more_after = SourceIndex::kNone;
};
SourceReports ReportSources(const State& state, const ListSources& query);

struct DifferenceReports {
  std::vector<DifferenceReport> differences;
  // Where to go on; 0: there are no more. Looks at a bounded number of positions.
  uint64_t more_after = 0;
};
// The source must be known, or empty.
DifferenceReports ReportDifferences(const State& state, const ListDifferences& query);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNT_REPORTS_H_
