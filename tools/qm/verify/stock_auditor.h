// StockAuditor: follows the stored events of stock record by record, rebuilds the books and checks
// each event against them: nothing promised twice, every reservation ended once, every effect
// once, nothing after its deadline, nothing below zero that must not be.
//
//   Findings findings;
//   StockAuditor auditor(&findings);
//   source->Read("stock/0", 1, head, [&](const LogRecord& r) { auditor.Apply(r); });
//   auditor.CheckConservation();
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_STOCK_AUDITOR_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_STOCK_AUDITOR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quartermaster/stock/events/v1/events.pb.h"
#include "tools/qm/verify/findings.h"
#include "tools/qm/verify/record_source.h"
#include "tools/qm/verify/stock_books.h"

namespace quartermaster::qm {

// Never fails: what is wrong becomes a finding, and the books go on as well as they can. Not
// thread-safe.
class StockAuditor {
 public:
  explicit StockAuditor(Findings* findings) : findings_(findings) {}

  // Records in order. Those of types that it does not know are PartitionAuditor's findings.
  void Apply(const LogRecord& record);

  // The equations that hold at any position, from scratch: reserved = sum of open holds,
  // allocated = sum of open confirmed reservations, as many flexible units open in lines as stand
  // in their lanes, on hand = facts - fulfilled + transferred in - transferred out, each line's
  // quantity = open + fulfilled + released + missing + in transit + waiting, an ended reservation
  // has nothing open, and per SKU transferred out = transferred in + in transit + lost.
  void CheckConservation();

  const StockBooks& books() const { return books_; }

 private:
  void On(const stock::events::v1::SkuRegistered& event);
  void On(const stock::events::v1::LocationRegistered& event);
  void On(const stock::events::v1::LocationPaused& event);
  void On(const stock::events::v1::PoolSet& event);
  void On(const stock::events::v1::StockReserved& event);
  void On(const stock::events::v1::ReservationExtended& event);
  void On(const stock::events::v1::ReservationConfirmed& event);
  void On(const stock::events::v1::ReservationBound& event);
  void On(const stock::events::v1::ReservationReleased& event);
  void On(const stock::events::v1::ReservationExpired& event);
  void On(const stock::events::v1::ReservationFulfilled& event);
  void On(const stock::events::v1::StockAdjusted& event);
  void On(const stock::events::v1::BackingMoved& event);
  void On(const stock::events::v1::UnitsUncovered& event);
  void On(const stock::events::v1::UnitsCovered& event);
  void On(const stock::events::v1::ConditionChanged& event);
  void On(const stock::events::v1::StockPolicySet& event);
  void On(const stock::events::v1::ChannelSet& event);
  void On(const stock::events::v1::AllotmentSet& event);
  void On(const stock::events::v1::KitDefined& event);
  void On(const stock::events::v1::GroupMoved& event);
  void On(const stock::events::v1::SourceRegistered& event);
  void On(const stock::events::v1::SourceMessageSeen& event);
  void On(const stock::events::v1::CountStarted& event);
  void On(const stock::events::v1::CountPartStaged& event);
  void On(const stock::events::v1::StockCounted& event);
  void On(const stock::events::v1::CountCompleted& event);
  void On(const stock::events::v1::CountAbandoned& event);
  void On(const stock::events::v1::TransferRequested& event);
  void On(const stock::events::v1::TransferShipped& event);
  void On(const stock::events::v1::TransferReceived& event);
  void On(const stock::events::v1::TransferClosed& event);
  void On(const stock::events::v1::SupplyExpected& event);
  void On(const stock::events::v1::SupplyReceived& event);
  void On(const stock::events::v1::SupplyCancelled& event);
  void On(const stock::events::v1::WaitersServed& event);
  void On(const stock::events::v1::PromisesChanged& event);

  void ApplyOne(const LogRecord& record);
  template <typename Event>
  void Parse(std::string_view payload);

  // Whether `old` has expired, so that `successor` only holds it again.
  bool HeldAgain(int64_t old, int64_t successor);
  // The reservation that an event changes; null (and a finding) if it is not there or has ended.
  BookedReservation* FindOpen(int64_t id, std::string_view event);
  // The line of an open reservation whose units those are; null (and a finding) if there is none.
  BookedReservation::Line* FindLine(uint32_t sku, const stock::events::v1::UncoveredUnits& units,
                                    std::string_view event);
  // As FindOpen; also: it must be a hold, and within its deadline.
  BookedReservation* FindLiveHold(int64_t id, std::string_view event);
  // Frees every open unit that has a place, and ends it. The flexible ones have been taken.
  void End(int64_t id, BookedReservation& reservation, stock::v1::Reservation::State state);
  // Takes a part out of a line, and counts it; null (and a finding) if it is not open there.
  const BookedReservation::Line* TakePart(int64_t id, BookedReservation& reservation,
                                          const stock::events::v1::Part& part,
                                          int64_t BookedReservation::Line::*counted);
  void EndIfNothingIsOpen(int64_t id, BookedReservation& reservation);
  // Flexible units of a line that stand at the part's location leave their lane, and the line if
  // `counted` is given, which then counts them. False (and a finding) if they are not there.
  bool TakeFlexible(int64_t id, BookedReservation& reservation, const stock::events::v1::Part& part,
                    int64_t BookedReservation::Line::*counted);
  // Units that come to stand somewhere, negative: that leave.
  void Stand(const Lane& lane, uint32_t location, int64_t units);
  // Where flexible units moved, no more may be short than before.
  void CheckMoved();
  // Units came into, or left, a condition. Events from before conditions were told apart took what
  // left one of them out of their sum: then the others make up for it, the last first.
  void AddToCondition(const StockKey& key, int condition, int64_t units);
  // Of transfers (stock_auditor_transfers.cc). The reservation's line whose units a transfer's line
  // ships, while it is open; null if there is none.
  BookedReservation::Line* OwnedBy(const BookedTransfer::Line& line);
  // Null (and a finding) if there is none; a line behind the last is new.
  BookedTransfer* FindTransfer(uint32_t transfer, std::string_view event);
  BookedTransfer::Line* LineOf(BookedTransfer& transfer, uint32_t line, uint32_t sku);
  void CheckTravel(const BookedTransfer& transfer, const BookedTransfer::Line& line);
  // Of `ended` units that are no longer in transit, so many are an order's: open at the location,
  // or missing if it is 0. They must be as many as left for it with this line, while it is open.
  void GiveBack(const BookedTransfer& transfer, BookedTransfer::Line& line, int64_t ended,
                int64_t units, uint32_t location);
  void CheckTransfers();
  // Of supply (stock_auditor_supply.cc). Null (and a finding) if it is neither known nor the next.
  BookedSupply* FindSupply(uint32_t supply, const std::string& id, const std::string& line_id);
  // What a line waits for must be to come in time, less what was promised of it before.
  void CheckPromise(int64_t id, const BookedReservation::Line& line);
  // Of a SKU: reservation, index of the line, and the line.
  void ForEachWaiter(
      uint32_t sku,
      const std::function<void(int64_t, uint32_t, const BookedReservation::Line&)>& visit);
  void CheckOrder(const stock::events::v1::WaitersServed& event);
  void ComesOnce(const stock::events::v1::MessageRef& message);
  // The variance again, from the count's rows and the facts that its watermarks leave out.
  void CheckVariance(const BookedCount& count, const StockKey& key,
                     const stock::events::v1::StockCounted::Line& line);
  void HappensOnce(const StockKey& key, const std::string& effect_key, int64_t delta);
  // Notes how much safety stock lacks before an event, or before the moves that make room for it;
  // and checks that it does not lack more behind it.
  void NoteSafetyStock(const StockKey& key);
  void CheckSafetyStock(const StockKey& key);
  // Whether a line may have safety stock: one for a channel of tills.
  bool IsOfTill(const BookedReservation::Line& line) const;
  // So many more units of a line are open; fewer, if negative. And so many were fulfilled.
  void Use(const BookedReservation& reservation, const BookedReservation::Line& line,
           int64_t units);
  void NoteSold(const BookedReservation& reservation, const BookedReservation::Line& line,
                int64_t units);
  // How many units have no goods of what is promised of a SKU, its safety stock (as `online` demand
  // sees it) and what quotas hold of it, by the best arrangement.
  int64_t LackingQuotas(uint32_t sku, bool online);
  // Before units are taken for lines, or those that they have are bound; while a hold's units are
  // given back for it; and after that.
  void BeginTaking(const std::vector<BookedReservation::Line>& lines, const std::string& customer,
                   bool binds);
  void NoteGivenBack(const BookedReservation& reservation);
  void CheckTaken();
  // A line's channel must be known.
  void CheckChannel(int64_t id, const BookedReservation::Line& line);
  // A new hold's kits, and groups, against what they were defined as.
  void CheckKits(int64_t id, const BookedReservation& reservation);
  void CheckTogether(int64_t id, const BookedReservation& reservation);
  // It moves no more.
  static void FixGroupOf(BookedReservation& reservation, uint32_t group);
  // Adds to reserved or allocated, by the reservation's state.
  void Promise(const BookedReservation& reservation, const StockKey& key, int64_t units);
  // What was newly promised must be there: an oversell is found here.
  void CheckCovered(const StockKey& key);
  void CheckLine(int64_t id, const BookedReservation::Line& line, bool ended);
  void CheckKey(uint32_t sku, uint32_t location);
  void Difference(std::string key, std::string what);

  Findings* const findings_;
  StockBooks books_;
  // The targets of moves since the last event of another type, with what was short there before.
  std::map<StockKey, int64_t> moved_to_;
  // The most that lacked since the last event of another type.
  std::map<StockKey, int64_t> lacked_;
  // Units that came with facts right before the record at hand, for a receipt that tells of them.
  std::map<StockKey, int64_t> goods_;
  // As it was before the event at hand took units: what is lacking of what quotas hold, where that
  // can be told; and what its channels, and its customer, used.
  struct Taking {
    std::string customer;
    bool binds = false;
    bool online = false;
    std::map<uint32_t, int64_t> lacking;
    std::map<ChannelOfSku, int64_t> used;
    std::map<ChannelOfSku, int64_t> used_by_customer;
  };
  Taking taking_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_STOCK_AUDITOR_H_
