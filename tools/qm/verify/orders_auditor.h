// OrdersAuditor: follows the stored events of orders record by record, rebuilds the books and
// checks each event against them: units are conserved, nothing is taken from where it is not, what
// stock must be told is settled once, what awaits stock stands in the exception queue.
#ifndef QUARTERMASTER_TOOLS_QM_VERIFY_ORDERS_AUDITOR_H_
#define QUARTERMASTER_TOOLS_QM_VERIFY_ORDERS_AUDITOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quartermaster/orders/events/v1/events.pb.h"
#include "tools/qm/verify/findings.h"
#include "tools/qm/verify/orders_books.h"
#include "tools/qm/verify/record_source.h"

namespace quartermaster::qm {

// Never fails: what is wrong becomes a finding, and the books go on as well as they can. Not
// thread-safe.
class OrdersAuditor {
 public:
  explicit OrdersAuditor(Findings* findings) : findings_(findings) {}

  // Records in order. Those of types that it does not know are PartitionAuditor's findings.
  void Apply(const LogRecord& record);

  // The equations that hold at the end of every frame, from scratch.
  void CheckConservation();

  const OrdersBooks& books() const { return books_; }

 private:
  void On(const orders::events::v1::OrderPlaced& event);
  void On(const orders::events::v1::OrderEdited& event);
  void On(const orders::events::v1::OrderRouted& event);
  void On(const orders::events::v1::RoutingFailed& event);
  void On(const orders::events::v1::RerouteRequested& event);
  void On(const orders::events::v1::BackorderReleased& event);
  void On(const orders::events::v1::StockConfirmed& event);
  void On(const orders::events::v1::StockConfirmFailed& event);
  void On(const orders::events::v1::UnitsCarriedOut& event);
  void On(const orders::events::v1::TaskCreated& event);
  void On(const orders::events::v1::TaskAccepted& event);
  void On(const orders::events::v1::TaskRejected& event);
  void On(const orders::events::v1::TaskPicked& event);
  void On(const orders::events::v1::TaskPacked& event);
  void On(const orders::events::v1::TaskShipped& event);
  void On(const orders::events::v1::TaskShippedLate& event);
  void On(const orders::events::v1::ParcelReported& event);
  void On(const orders::events::v1::PickupReady& event);
  void On(const orders::events::v1::PickupReminded& event);
  void On(const orders::events::v1::PickupExpiring& event);
  void On(const orders::events::v1::PickupExtended& event);
  void On(const orders::events::v1::TaskHandedOver& event);
  void On(const orders::events::v1::UnitsCancelled& event);
  void On(const orders::events::v1::CancelRequested& event);
  void On(const orders::events::v1::OrderHeld& event);
  void On(const orders::events::v1::HoldEnded& event);
  void On(const orders::events::v1::PaymentRecorded& event);
  void On(const orders::events::v1::PaymentIntended& event);
  void On(const orders::events::v1::PaymentIntentWithdrawn& event);
  void On(const orders::events::v1::StockSettled& event);
  void On(const orders::events::v1::ReturnRequested& event);
  void On(const orders::events::v1::ReturnReceived& event);
  void On(const orders::events::v1::ReturnRestocked& event);
  void On(const orders::events::v1::ReturnInspected& event);
  void On(const orders::events::v1::ReturnReclassified& event);
  void On(const orders::events::v1::SaleRecorded& event);
  void On(const orders::events::v1::ExceptionRaised& event);
  void On(const orders::events::v1::ExceptionResolved& event);

  template <typename Event>
  void Parse(const LogRecord& record);

  // Each gives null, and a finding, if there is no such thing.
  BookedOrder* FindOrder(const std::string& order_id);
  BookedOrder::Attempt* FindAttempt(BookedOrder* order, int number);
  BookedOrder::Task* FindTask(BookedOrder* order, int number);
  template <typename T>
  T* At(std::vector<T>& list, size_t index, std::string_view what) {
    if (index < list.size()) return &list[index];
    Lacks(what, index);
    return nullptr;
  }
  void Lacks(std::string_view what, size_t index);

  BookedOrder& MakeOrder(const std::string& order_id);
  // `event`: OrderPlaced or SaleRecorded.
  template <typename Event>
  void AddLines(BookedOrder& order, const Event& event);
  // What they come to.
  int64_t AddBooked(
      BookedOrder& order,
      const google::protobuf::RepeatedPtrField<orders::events::v1::PlacedLine>& lines);
  // Takes units from one place of a line to another; a finding if they are not there.
  void Move(int64_t& from, int64_t& to, int64_t units);
  void Take(int64_t& from, int64_t units);
  void OpenOp(BookedOrder& order, BookedOrder::OpKind kind, int attempt,
              std::vector<BookedOrder::Part> parts);
  // `event`: TaskShipped or TaskShippedLate.
  template <typename Event>
  BookedOrder::Parcel& AddParcel(BookedOrder& order, const Event& event);
  // Cancels what confirmed attempts hold back.
  void DropHeldBack(BookedOrder& order, const orders::events::v1::UnitsCancelled& event);
  void EndIfNothingIsOpen(BookedOrder::Task& task);
  // What open intents of the kind ask of the payment.
  static int64_t AskedOf(const BookedOrder& order, orders::v1::PaymentIntent::Kind kind,
                         int payment);
  // A finding, unless `due_unix_us` has come. `what`: "task 1 is reminded of".
  void CheckIsDue(int64_t due_unix_us, std::string_view what);
  void CheckOrder(const std::string& order_id, const BookedOrder& order);
  void Difference(std::string what);

  Findings* const findings_;
  OrdersBooks books_;
  // Of the event that is being applied.
  std::string order_id_;
  int64_t time_unix_us_ = 0;
};

// The ids of tasks: "o-1.t2".
std::string TaskIdOf(const std::string& order_id, size_t index);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_VERIFY_ORDERS_AUDITOR_H_
