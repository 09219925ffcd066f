// Counts: what somebody found to be there, as of a moment that the books have left behind.
//
// A count arrives after facts that it knows of and after facts that it does not know of. Which is
// which it says itself: for each source that numbers its messages a watermark (it has every message
// up to there, and none after), and for all other facts the time at which it was taken. On hand is
// then what was counted plus the facts that the count does not have, whenever those arrive.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNTS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/directory.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Stored: values are never changed or reused.
enum class CountBasis : uint8_t {
  // Every unit that is there.
  kGross = 1,
  // Less those that had been picked or staged, which each row says beside.
  kLessPickedAndStaged = 2,
  // Less what was allocated here when it was taken, which the books say.
  kNetOfAllocations = 3,
};

struct Watermark {
  SourceIndex source = SourceIndex::kNone;
  int64_t sequence = 0;

  friend bool operator==(const Watermark&, const Watermark&) = default;
};

// What holds for all rows of a count.
struct CountTerms {
  SourceIndex source = SourceIndex::kNone;
  // When it was taken: what a fact without a watermark is held against.
  Instant taken;
  // How far from `taken` such a fact may lie and its side still be doubted.
  Micros doubt;
  CountBasis basis = CountBasis::kGross;
  // What has no row at these locations, ascending, is not there. Empty: it is as it was.
  std::vector<LocationIndex> full_at;
  // Suspect units were looked for: those that it found can be sold again.
  bool clears_suspects = false;
  // In the order of their sources.
  std::vector<Watermark> watermarks;

  friend bool operator==(const CountTerms&, const CountTerms&) = default;
};

// Whether a count has a fact.
struct Coverage {
  bool included = false;
  // It is too near to the count's time to be sure.
  bool doubtful = false;
  // The count is net of allocations: those that it has are not in what was counted.
  bool net = false;
};
Coverage CoverageOf(const CountTerms& terms, SourceIndex source, int64_t sequence, Instant time);

// When a fact happened, as far as anybody said so: not after it was logged.
Instant FactTime(Instant business_time, Instant logged);

struct CountRow {
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  Quantity quantity;
  // Of kLessPickedAndStaged: there too, but not counted.
  Quantity left_out;

  friend bool operator==(const CountRow&, const CountRow&) = default;
};

enum class CountState : uint8_t {
  // Parts are missing: nothing has changed yet.
  kStaging = 1,
  // All parts are there: on hand is being set, SKU by SKU.
  kSwitching = 2,
  kApplied = 3,
  // Parts were missing for too long.
  kAbandoned = 4,
};

struct Count {
  CountTerms terms;
  // Of the terms as they were asked.
  uint64_t fingerprint = 0;
  CountState state = CountState::kStaging;
  Instant started;
  // Of the latest part; of its end, once it has ended.
  Instant changed;

  struct Part {
    bool staged = false;
    uint64_t fingerprint = 0;
    // By SKU, then location. Gone once the count has ended.
    std::vector<CountRow> rows;
  };
  std::vector<Part> parts;
  int parts_staged = 0;
  int64_t rows = 0;
  // All SKUs up to this one are switched.
  SkuIndex switched_through = SkuIndex::kNone;
  // The first SKU that was left as it was, as too much had been forgotten: from there on it does
  // not hold. kNone: there is none.
  SkuIndex left_from = SkuIndex::kNone;
  // Beside each of terms.full_at: the full count that was the newest there before; kNone: none was.
  std::vector<CountIndex> full_before;

  // Positions that it set; that it found other than the books had them; where a newer count holds;
  // where too much had been forgotten; with facts whose side is doubted.
  int64_t positions = 0;
  int64_t differing = 0;
  int64_t superseded = 0;
  int64_t too_old = 0;
  int64_t doubtful = 0;
  // Units more, and units fewer, than the books had.
  Quantity surplus;
  Quantity deficit;
};

// Stored: values are never changed or reused. Why the books differ, or are thought to.
enum class DiscrepancyCause : uint8_t {
  kUnexplained = 1,
  // Messages of a source are missing.
  kSourceGap = 2,
  // A picker did not find units.
  kMissingUnits = 3,
  // More was sold than was there.
  kSoldBelowZero = 4,
  // Facts lay too near to a count's time to tell on which side.
  kDoubtfulFacts = 5,
  // A count came too late to be brought up to date.
  kCountTooOld = 6,
  // A transfer brought more, or fewer, than was said to have left.
  kTransfer = 7,
};

// A count that somebody should make.
struct RecountRequest {
  DiscrepancyCause cause = DiscrepancyCause::kUnexplained;
  Instant since;
  // Whose fact or count it is about; kNone: nobody's in particular.
  SourceIndex source = SourceIndex::kNone;
};

// What the last count of a position found to be other than the books had it.
struct Difference {
  CountIndex count = CountIndex::kNone;
  DiscrepancyCause cause = DiscrepancyCause::kUnexplained;
  // Counted less booked.
  Quantity variance;
  // When it was counted before, and was right: since then it differs. kDistantPast: never.
  Instant since = kDistantPast;
};

// The most parts that a count may come in.
inline constexpr int kCountPartsMax = 5'000;

// Counts of at most so many rows that are not full go before the others: whoever counts a few
// positions does not wait for a million.
inline constexpr int64_t kSmallCountRows = 500;

// All counts, and what they found. Not thread-safe.
class CountTable {
 public:
  // Their ids; Add adds to them.
  const Directory<CountIndex>& names() const { return names_; }
  // The count must be known.
  const Count& At(CountIndex count) const { return counts_[static_cast<uint32_t>(count)]; }
  Count& At(CountIndex count) { return counts_[static_cast<uint32_t>(count)]; }
  Count& Add(CountIndex index, const std::string& id);

  // Whether `a` was taken after `b`; of equals, whose id is the greater. kNone is before any.
  bool IsNewer(CountIndex a, CountIndex b) const;
  // The newest count that holds for a position; kNone: none does.
  CountIndex Holding(SkuIndex sku, LocationIndex location) const;
  // Whether that one has what a message, or nobody's, tells to have happened there at `time`.
  Coverage CoverageAt(SkuIndex sku, LocationIndex location, SourceIndex source, int64_t sequence,
                      Instant time) const;
  // Only once the SKU is switched to it.
  void SetHolding(SkuIndex sku, LocationIndex location, CountIndex count);
  // All parts have come: it stands in line, and where it is full it holds from SKU to SKU.
  void BeginSwitching(CountIndex index);
  void End(CountIndex index, CountState state, Instant time);

  // Those that wait for parts.
  const std::vector<CountIndex>& staging() const { return staging_; }
  // How many are to be switched, and the one whose turn it is; kNone: none.
  size_t switching() const { return small_.size() + large_.size(); }
  CountIndex next_to_switch() const {
    if (!small_.empty()) return small_.front();
    return large_.empty() ? CountIndex::kNone : large_.front();
  }
  // Whether it goes before those that are not, once all its parts have come.
  bool IsSmall(CountIndex count) const {
    return At(count).terms.full_at.empty() && At(count).rows <= kSmallCountRows;
  }
  int64_t staged_rows() const { return staged_rows_; }
  void AddStagedRows(int64_t rows) { staged_rows_ += rows; }

  // By PositionKey.
  absl::btree_map<uint64_t, Difference> differences;
  absl::btree_map<uint64_t, RecountRequest> recounts;

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.differences, self.recounts, self.names_, self.counts_, self.of_position_,
            self.full_at_, self.staging_, self.small_, self.large_, self.staged_rows_);
  }

 private:
  // The newest full count of the location that holds for the SKU; kNone: none does.
  CountIndex FullAt(SkuIndex sku, LocationIndex location) const;

  Directory<CountIndex> names_;
  // By CountIndex; the first is none.
  std::vector<Count> counts_{1};
  // Counts that name the position; a full one that is newer holds instead.
  absl::flat_hash_map<uint64_t, CountIndex> of_position_;
  // The newest, whether or not it has been switched; Count::full_before leads on from there.
  absl::flat_hash_map<LocationIndex, CountIndex> full_at_;
  std::vector<CountIndex> staging_;
  // In the order in which they were complete.
  std::deque<CountIndex> small_;
  std::deque<CountIndex> large_;
  // Of counts that have not ended.
  int64_t staged_rows_ = 0;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_COUNTS_H_
