// How long decide takes on one SKU with many open pool holds, in processor time: every kind of
// command that may have to move their units, at a SKU that is nearly sold out; and how long Settle
// takes behind those after which the SKU is, or was, short.
// Usage: stock_flexible_benchmark [locations] [open holds]
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/stock/domain/apply.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/decide.h"
#include "services/stock/domain/settle.h"

namespace quartermaster::stock {
namespace {

constexpr SkuIndex kSku{1};
constexpr int kCommands = 20'000;

// Of this thread: what others do on the machine counts less.
double CpuMicros() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

// A SKU at `locations`, with 0 to 2 units at each; pools are random halves of them. Safety stock is
// the same everywhere.
class Market {
 public:
  Market(int locations, int pools, int holds, int safety_stock)
      : locations_(locations),
        pools_(pools),
        holds_(static_cast<size_t>(holds)),
        safety_stock_(safety_stock) {
    Log(SkuRegistered{kSku, "A", false});
    if (safety_stock > 0) Log(StockPolicySet{PolicyScope{}, Quantity(safety_stock), {}});
    for (int i = 0; i < locations; ++i) {
      Log(LocationRegistered{Loc(i), absl::StrCat("L", i), false});
      Log(StockAdjusted{.sku = kSku, .location = Loc(i), .delta = Quantity(Below(3))});
    }
    for (int p = 0; p < pools; ++p) {
      PoolSet set{static_cast<PoolIndex>(p + 1), absl::StrCat("P", p), {}, {}};
      for (int i = 0; i < locations; ++i) {
        if (Below(2) == 0) set.locations.push_back(Loc(i));
      }
      Log(set);
    }
    while (open_.size() < holds_ && Hold()) {
    }
    // What is left goes to people who walk in, but for a few units here and there.
    for (int i = 0; i < locations; ++i) {
      const Quantity free = state_.positions.Get(kSku, Loc(i)).available();
      if (free.IsPositive() && Below(50) > 0) {
        Log(StockAdjusted{.sku = kSku, .location = Loc(i), .delta = -free});
      }
    }
  }

  void Run() {
    for (int i = 0; i < kCommands; ++i) {
      switch (Below(8)) {
        case 0:
        case 1:
          Hold();
          break;
        case 2:
        case 3:
          Pickup();
          break;
        case 4:
          Bind();
          break;
        case 5:
          Sell();
          break;
        case 6:
          Ask();
          break;
        default:
          Release();
      }
      // There are always about as many of them, and few units that nobody has.
      while (open_.size() < holds_ && Hold()) {
      }
      while (open_.size() > holds_) Release();
    }
  }

  void Print() {
    std::printf(
        "%d locations, %d pools, %zu open pool holds, safety stock %d; microseconds of one core\n",
        locations_, pools_, holds_, safety_stock_);
    std::vector<double> all;
    for (auto& [name, times] : times_) {
      Row(name, times);
      if (name != "availability") all.insert(all.end(), times.begin(), times.end());
    }
    Row("all commands: decide", all);
    Row("settle", settles_);
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  static LocationIndex Loc(int i) { return static_cast<LocationIndex>(i + 1); }
  void Log(const Event& event) {
    changes_.clear();
    Apply(state_, event, next_++, Instant{1}, changes_);
  }
  static void Row(const std::string& name, std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
      return times[std::min(times.size() - 1,
                            static_cast<size_t>(share * static_cast<double>(times.size())))];
    };
    if (times.empty()) return;
    std::printf("  %-22s %6zu  p50 %7.1f  p99 %7.1f  max %7.1f\n", name.c_str(), times.size(),
                at(0.5), at(0.99), times.back());
  }

  // Decides, applies and settles; deciding and settling are timed, each by itself.
  Decision Do(const std::string& name, const Command& command) {
    Events events;
    double start = CpuMicros();
    Decision decision = Decide(state_, command, Instant{1}, next_, events);
    const double spent = CpuMicros() - start;
    bool moved = false;
    while (true) {
      for (const Event& event : events) {
        moved = moved || std::holds_alternative<BackingMoved>(event);
        Log(event);
      }
      if (state_.unsettled.empty()) break;
      events.clear();
      start = CpuMicros();
      Settle(state_, Instant{1}, /*max=*/1'000, events);
      settles_.push_back(CpuMicros() - start);
    }
    times_[absl::StrCat(name, decision.rejection ? ", refused"
                              : moved            ? ", moving"
                                                 : "")]
        .push_back(spent);
    return decision;
  }
  // False if it was refused.
  bool Reserve(const char* name, HoldLine line, std::deque<ReservationId>& open) {
    ReserveStock command;
    command.owner = absl::StrCat("o", next_);
    command.ttl = Seconds(900);
    command.lines.push_back(std::move(line));
    const Decision decision = Do(name, command);
    if (!decision.rejection) open.push_back(decision.reservation);
    return !decision.rejection;
  }
  bool Hold() {
    HoldLine line;
    line.sku = kSku;
    line.from_pool = true;
    line.pool = static_cast<PoolIndex>(1 + Below(pools_));
    line.quantity = Quantity(1 + Below(2));
    return Reserve("hold", line, open_);
  }
  // Where a flexible unit stands, if there is one.
  LocationIndex SomeStand() {
    const SkuBacking* backing = state_.backings.Find(kSku);
    if (backing == nullptr) return Loc(Below(locations_));
    return (backing->begin() + Below(static_cast<int>(backing->size())))->location;
  }
  void Pickup() {
    HoldLine line;
    line.sku = kSku;
    line.location = SomeStand();
    line.quantity = Quantity(1);
    Reserve("pickup", line, pickups_);
  }
  void Bind() {
    if (open_.empty()) return;
    const ReservationId id = open_[static_cast<size_t>(Below(static_cast<int>(open_.size())))];
    const Quantity quantity = state_.FindReservation(id)->lines[0].open();
    const LocationIndex location = SomeStand();
    BindReservation bind{id, {}, {}};
    bind.lines.push_back({"0", {{location, quantity}}});
    if (Do("bind", bind).rejection) return;
    open_.erase(std::find(open_.begin(), open_.end(), id));
    pickups_.push_back(id);
  }
  static AdjustStock Fact(AdjustmentKind kind, LocationIndex location, int64_t delta) {
    AdjustStock fact;
    fact.adjustment.sku = "A";
    fact.adjustment.location = absl::StrCat("L", static_cast<uint32_t>(location) - 1);
    fact.adjustment.kind = kind;
    fact.adjustment.delta = Quantity(delta);
    return fact;
  }
  // A till sells a unit that is held; another one arrives somewhere.
  void Sell() {
    Do("sell", Fact(AdjustmentKind::kSold, SomeStand(), -1));
    Do("receive", Fact(AdjustmentKind::kReceived, Loc(Below(locations_)), 1));
  }
  void Ask() {
    const double start = CpuMicros();
    Draft draft(state_, Demand::kOnline);
    const bool pool = Below(2) == 0;
    if (pool) {
      draft.AvailableInPool(kSku, state_.PoolAt(static_cast<PoolIndex>(1 + Below(pools_))));
    } else {
      draft.Available(kSku, SomeStand());
    }
    times_["availability"].push_back(CpuMicros() - start);
  }
  void Release() {
    std::deque<ReservationId>& open = Below(2) == 0 || pickups_.empty() ? open_ : pickups_;
    if (open.empty()) return;
    Do("release", ReleaseReservation{open.front(), {}, false, {}});
    open.pop_front();
  }

  const int locations_;
  const int pools_;
  const size_t holds_;
  const int safety_stock_;
  std::mt19937_64 random_{7};
  State state_;
  int64_t next_ = 1;
  Changes changes_;
  std::deque<ReservationId> open_;
  std::deque<ReservationId> pickups_;
  std::map<std::string, std::vector<double>> times_;
  std::vector<double> settles_;
};

}  // namespace
}  // namespace quartermaster::stock

int main(int argc, char** argv) {
  const int locations = argc > 1 ? std::atoi(argv[1]) : 3'000;
  const int holds = argc > 2 ? std::atoi(argv[2]) : 500;
  for (const int safety_stock : {0, 1}) {
    for (const int pools : {4, 32, 256}) {
      quartermaster::stock::Market market(locations, pools, holds, safety_stock);
      market.Run();
      market.Print();
    }
  }
  return 0;
}
