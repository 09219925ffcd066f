// What all clients of one run share.
#ifndef QUARTERMASTER_TOOLS_RETAIL_SHOP_H_
#define QUARTERMASTER_TOOLS_RETAIL_SHOP_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/retail/books.h"
#include "tools/retail/client.h"
#include "tools/retail/records.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

inline constexpr char kWebPool[] = "web";
inline constexpr char kWarehousePool[] = "warehouses";

// Counts of what happened. Thread-safe.
struct Tally {
  std::atomic<int64_t> steps = 0;
  // By Channel.
  std::array<std::atomic<int64_t>, 4> placed = {};
  std::array<std::atomic<int64_t>, 4> refused = {};
  std::atomic<int64_t> lines_placed = 0;
  // Of placed orders: lines that were dropped by their own wish, or not on the shelf.
  std::atomic<int64_t> lines_dropped = 0;
  std::atomic<int64_t> lines_refused = 0;
  std::atomic<int64_t> holds = 0;
  // Refused requests (Reserve, PlaceOrder), and whether stock may have been what it lacked.
  std::atomic<int64_t> refusals_justified = 0;
  std::atomic<int64_t> refusals_unjustified = 0;

  std::atomic<int64_t> parcels = 0;
  std::atomic<int64_t> distance_m = 0;
  std::atomic<int64_t> shipped_orders = 0;
  std::atomic<int64_t> split_orders = 0;
  std::atomic<int64_t> cancellations = 0;
  std::atomic<int64_t> kept_back = 0;
  std::atomic<int64_t> rejected_tasks = 0;
  std::atomic<int64_t> short_picks = 0;
  std::atomic<int64_t> wrong_codes = 0;
  std::atomic<int64_t> duplicates_sent = 0;
  // What the payment provider was asked to do, and did.
  std::atomic<int64_t> intents_done = 0;

  // Lines of returns; together they are all of them.
  std::atomic<int64_t> return_lines_matched = 0;
  std::atomic<int64_t> return_lines_unmatched = 0;
  // The purchase was refused, cancelled or not collected in this replay: nothing can come back.
  std::atomic<int64_t> return_lines_not_sold = 0;

  // Answers that a correct server does not give.
  std::atomic<int64_t> unexpected = 0;
};

// Thread-safe, but for what says otherwise.
class Shop {
 public:
  // `world` and `plan` must outlive it. `run_id` makes the request ids of a run its own.
  Shop(const World& world, const Plan& plan, std::string run_id, uint64_t seed);

  const World& world() const { return world_; }
  const Plan& plan() const { return plan_; }
  uint64_t seed() const { return seed_; }

  // A request id of this run: "<run>/<what>/<number>".
  std::string RequestId(std::string_view what, int64_t number) const;
  // kNoPlace if no place has this id.
  PlaceIndex PlaceOf(const std::string& location_id) const;

  // Counts a refused request; one that is unjustified is noted.
  void Refused(std::string_view what, const grpc::Status& status, bool unjustified);
  // Notes an answer that a correct server does not give; the first few are printed.
  void Unexpected(std::string_view what, const grpc::Status& status);
  void Unexpected(std::string_view what, std::string_view why);
  // The notes so far.
  std::vector<std::string> notes() const;

  Books books;
  Records records;
  Shelves shelves;
  Tally tally;
  Calls calls;

 private:
  void Note(std::string note);

  const World& world_;
  const Plan& plan_;
  const std::string run_id_;
  const uint64_t seed_;
  std::unordered_map<std::string, PlaceIndex> places_;
  mutable Mutex notes_mutex_;
  std::vector<std::string> notes_ ABSL_GUARDED_BY(notes_mutex_);
};

// The lines' quantities, one want per item.
std::vector<Want> WantsOf(const std::vector<PlannedLine>& lines);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_SHOP_H_
