// Shop: stock's core with a clock and a log, for tests. Does what the writer does (end what is due,
// decide, apply) by names instead of ids, and checks every invariant after each command.
//
//   Shop shop;
//   shop.Receive("A", "S1", 5);
//   const ReservationId hold = shop.Hold("cart", {shop.At("A", 2, "S1")});
//   EXPECT_EQ(shop.Available("A", "S1"), 3);
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_SHOP_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_SHOP_H_

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/stock/domain/apply.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/count_switcher.h"
#include "services/stock/domain/decide.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/expiry.h"
#include "services/stock/domain/state.h"
#include "services/stock/domain/supply_reports.h"
#include "services/stock/domain/transfer_reports.h"

namespace quartermaster::stock {

inline constexpr Micros kTtl = Seconds(900);

// Why a command was refused; nullopt if it was accepted.
inline std::optional<RejectionKind> KindOf(const Decision& decision) {
  if (!decision.rejection) return std::nullopt;
  return decision.rejection->kind;
}

class Shop {
 public:
  struct Logged {
    Event event;
    int64_t position;
    Instant time;
  };

  Shop();

  // The id of a name, registered if it is new.
  SkuIndex Sku(const std::string& name);
  LocationIndex Location(const std::string& name);
  // Registers and pauses, or resumes.
  void Pause(const std::string& location, bool paused = true);
  PoolIndex Pool(const std::string& name, const std::vector<std::string>& locations);
  // The pool must be known.
  ChannelIndex Channel(const std::string& name, const std::string& pool,
                       Demand demand = Demand::kOnline, int64_t buffer = 0);
  // Sets what a channel may have of a SKU; both must be known.
  void Allot(const std::string& channel, const std::string& sku, const AllotmentTerms& terms,
             bool new_window = false);
  const Allotment* AllotmentOf(const std::string& channel, const std::string& sku) const;
  // Sets safety stock; an empty name: any.
  void KeepBack(const std::string& sku, const std::string& location,
                std::optional<int64_t> quantity);
  // So many units of each make one of it; registers what is new. None: it is no kit any more.
  SkuIndex Kit(const std::string& sku,
               const std::vector<std::pair<std::string, int64_t>>& components,
               bool same_location = false);
  void Receive(const std::string& sku, const std::string& location, int64_t quantity);

  // Lines of a hold: from a location, from a pool, for a channel (which must be known).
  HoldLine At(const std::string& sku, int64_t quantity, const std::string& location);
  HoldLine From(const std::string& sku, int64_t quantity, const std::string& pool);
  HoldLine For(const std::string& sku, int64_t quantity, const std::string& channel);

  // Ends what is due, decides and applies. What is done to a reservation that has left memory is
  // answered with how that ended, as it is where they are archived.
  Decision Do(const Command& command);
  // A hold that must be accepted.
  ReservationId Hold(const std::string& owner, HoldLines lines, Micros ttl = kTtl);
  ReserveStock Reserve(const std::string& owner, HoldLines lines, Micros ttl = kTtl) const;
  // One adjustment with a delta.
  static AdjustStock Fact(AdjustmentKind kind, const std::string& sku, const std::string& location,
                          int64_t delta, const std::string& effect_key = "");
  // The same as a message of a source; without an id, its number is its id.
  static AdjustStock Told(AdjustStock fact, const std::string& source, int64_t sequence,
                          const std::string& id = "");
  // A count in one part, of `rows` SKU, location, quantity, taken now.
  StageCount CountOf(const std::string& count_id, std::vector<StageCount::Row> rows) const;

  // A transfer's request of SKUs and quantities, and what is told of it.
  struct Goods {
    std::string sku;
    int64_t quantity = 0;
    Condition condition = Condition::kSellable;
  };
  TransferStock Transfer(const std::string& id, const std::string& from, const std::string& to,
                         const std::vector<Goods>& goods);
  static ShipTransfer Shipped(const std::string& id, const std::vector<Goods>& goods,
                              bool last = false);
  static ReceiveTransfer Received(const std::string& id, const std::vector<Goods>& goods,
                                  bool last = false);
  // Tells of a purchase order's one line "1", due so long from now; and receives of it.
  Decision Expect(const std::string& supply_id, const std::string& sku, const std::string& location,
                  int64_t quantity, Micros due_in, int64_t revision = 1);
  Decision Come(const std::string& supply_id, int64_t quantity, bool last = false);
  TransferReport ReportOf(const std::string& transfer) const;
  int64_t InTransit(const std::string& sku, const std::string& location) const;

  // Also one that has left memory.
  const Reservation& Get(ReservationId id) const;
  // Where the units of a flexible line may be said to stand.
  Placements Stand(ReservationId id, size_t line) const;
  Balances BalancesOf(const std::string& sku, const std::string& location) const;
  int64_t Available(const std::string& sku, const std::string& location) const;
  int64_t AvailableInPool(const std::string& sku, const std::string& pool) const;
  int64_t AvailableFor(const std::string& sku, const std::string& channel) const;

  void Wait(Micros length) { now_ = now_ + length; }
  // Whether Do first ends the holds that are due; it does unless told otherwise.
  void set_expires(bool expires) { expires_ = expires; }
  // How many a frame ends of itself, and how many for its command; a command that needs more waits
  // for the next frame. No limit unless told otherwise.
  void set_expiries_per_frame(int max) { expiries_per_frame_ = max; }
  // How many positions of a count a frame switches; all of them, unless told otherwise.
  void set_slice(int positions) { slice_ = positions; }
  // How many reservations stay in memory when they have ended; before the first has. And how many
  // of the keys of what must not happen twice: as many as of those that did not expire.
  void set_kept(const EndedReservations::Kept& kept) {
    kept_ = kept;
    forgets_ = true;
    KeepInMemory();
  }
  bool forgets() const { return forgets_; }
  // Those that have left it.
  using Forgotten = std::map<ReservationId, Reservation>;
  const Forgotten& forgotten() const { return forgotten_; }
  // What must not happen twice, and has left memory.
  const OnceKeys::Recalled& archived_once() const { return archived_once_; }
  // Goes on with what a checkpoint has of the state, and without what is not of the log. No
  // reference to the state stays valid.
  void Restart();
  // Ends everything that is due.
  void Settle();
  Instant now() const { return now_; }
  State& state() { return *state_; }
  const State& state() const { return *state_; }
  // Everything that was logged, and what it changed.
  const std::vector<Logged>& log() const { return log_; }
  const Changes& changes() const { return changes_; }
  // How many events the last Do logged, expiries not counted.
  size_t last_events() const { return last_events_; }
  int64_t next_position() const { return next_; }

  // Logs and applies an event, whoever made it.
  void Log(const Event& event);

 private:
  // Ends what is due, as far as one frame does. False if the command needs another frame.
  bool Prepare(const Command& command);
  // Logs them and what settles the books after them. How many events that was.
  size_t LogAll(const Events& events);
  // Goes on with counts, as a frame does behind its commands.
  void SwitchCounts();
  // The answer to a command whose reservation is not in memory.
  void AnswerFromArchive(const Command& command, Decision& decision) const;

  // Of a state in which nothing has ended.
  void KeepInMemory();

  std::unique_ptr<State> state_ = std::make_unique<State>();
  bool forgets_ = false;
  EndedReservations::Kept kept_;
  Forgotten forgotten_;
  OnceKeys::Recalled archived_once_;
  Instant now_;
  int64_t next_ = 1;
  bool expires_ = true;
  int expiries_per_frame_ = std::numeric_limits<int>::max();
  int slice_ = 0;
  CountSwitcher switcher_;
  OverdueHolds overdue_;
  size_t last_events_ = 0;
  std::vector<Logged> log_;
  Changes changes_;
};

// Everything that decides how a state goes on, as text: equal states give equal texts.
std::string DumpState(const State& state);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TESTING_SHOP_H_
