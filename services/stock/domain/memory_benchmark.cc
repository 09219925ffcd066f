// What memory holds that come and go take: each is reserved, waits behind some thousand others, and
// is fulfilled, while long-lived orders stay open among them. Once everything that is bounded is
// full, no more memory is used however many there were. Exits with 1 if the process has grown by
// more than 5 % since it was warm.
// Usage: stock_memory_benchmark [cycles] [open holds]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/testing/resident_memory.h"
#include "services/stock/domain/apply.h"
#include "services/stock/domain/decide.h"
#include "services/stock/domain/expiry.h"

namespace quartermaster::stock {
namespace {

constexpr int kSkus = 2'000;
constexpr int kLocations = 50;
constexpr int kOrders = 1'000;
// By then what is remembered of a bounded number of facts and reservations is full.
constexpr int64_t kWarmUp = 1'500'000;

class Market {
 public:
  Market() {
    for (int sku = 1; sku <= kSkus; ++sku) {
      Log(SkuRegistered{Sku(sku), absl::StrCat("sku-", sku), false});
    }
    for (int i = 1; i <= kLocations; ++i) {
      Log(LocationRegistered{Location(i), absl::StrCat("location-", i), false});
    }
    for (int sku = 1; sku <= kSkus; ++sku) {
      for (int i = 1; i <= kLocations; ++i) {
        Log(StockAdjusted{
            .sku = Sku(sku), .location = Location(i), .delta = Quantity(1'000'000'000)});
      }
    }
  }

  void Cycle(int64_t i, size_t open_holds) {
    now_ = now_ + Micros{200};
    if (i % 100 == 0) ExpireDue(state_, now_, 1'000, events_);
    LogAll();
    open_.push_back(Reserve());
    // One that stays; the oldest of them goes.
    if (i % 1'000 == 0) {
      orders_.push_back(open_.back());
      open_.pop_back();
      Do(ConfirmReservation{orders_.back(), {}, "", {}, ""});
      if (orders_.size() > kOrders) Fulfil(orders_);
    }
    if (open_.size() > open_holds) Fulfil(open_);
  }

  void Print(int64_t cycles) const {
    std::printf("%10lld cycles: %7.1f MB resident, %zu reservations in memory\n",
                static_cast<long long>(cycles), ResidentMegabytes(),  // NOLINT(google-runtime-int)
                state_.reservations.size());
    std::fflush(stdout);
  }

 private:
  static SkuIndex Sku(int i) { return static_cast<SkuIndex>(i); }
  static LocationIndex Location(int i) { return static_cast<LocationIndex>(i); }
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  void Log(const Event& event) {
    Apply(state_, event, next_++, now_, changes_);
    // They are the ledger's.
    changes_.clear();
    state_.forgotten.clear();
  }
  void LogAll() {
    for (const Event& event : events_) Log(event);
    events_.clear();
  }
  ReservationId Do(const Command& command) {
    const Decision decision = Decide(state_, command, now_, next_, events_);
    if (decision.rejection) std::abort();
    LogAll();
    return decision.reservation;
  }
  ReservationId Reserve() {
    ReserveStock reserve;
    reserve.owner = absl::StrCat("cart-", next_);
    reserve.ttl = Seconds(900);
    for (int n = 1 + Below(2); n > 0; --n) {
      reserve.lines.push_back({.line_id = "",
                               .sku = Sku(1 + Below(kSkus)),
                               .location = Location(1 + Below(kLocations)),
                               .quantity = Quantity(1 + Below(3))});
    }
    return Do(reserve);
  }
  void Fulfil(std::deque<ReservationId>& from) {
    Do(FulfilReservation{from.front(), {}, {}});
    from.pop_front();
  }

  std::mt19937_64 random_{7};
  State state_;
  Instant now_{Seconds(1'000'000).count};
  int64_t next_ = 1;
  Events events_;
  Changes changes_;
  std::deque<ReservationId> open_;
  std::deque<ReservationId> orders_;
};

int Run(int64_t cycles, size_t open_holds) {
  Market market;
  double warm = 0;
  for (int64_t i = 1; i <= cycles; ++i) {
    market.Cycle(i, open_holds);
    if (i == kWarmUp) warm = ResidentMegabytes();
    if (i % (cycles / 12) == 0) market.Print(i);
  }
  if (warm == 0) return 0;
  const double growth = 100 * (ResidentMegabytes() / warm - 1);
  std::printf("grown by %.2f %% since %lld cycles\n", growth,
              static_cast<long long>(kWarmUp));  // NOLINT(google-runtime-int)
  return growth > 5 ? 1 : 0;
}

}  // namespace
}  // namespace quartermaster::stock

int main(int argc, char** argv) {
  const int64_t cycles = argc > 1 ? std::atoll(argv[1]) : 20'000'000;
  const int holds = argc > 2 ? std::atoi(argv[2]) : 5'000;
  if (cycles < 12 || holds < 1) return 2;
  return quartermaster::stock::Run(cycles, static_cast<size_t>(holds));
}
