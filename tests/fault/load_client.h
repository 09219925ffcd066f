// LoadClient: one client of the mixed load. It does what carts, orders, warehouses and tills do, in
// a random order, keeps a journal of it, and never repeats under a new request id what may have
// had its effect: after a lost answer it leaves the thing alone.
//
//   LoadClient client(&world, addresses, /*number=*/3, seed);
//   std::atomic<bool> stop = false;
//   std::thread thread([&] { client.Run(stop); });
#ifndef QUARTERMASTER_TESTS_FAULT_LOAD_CLIENT_H_
#define QUARTERMASTER_TESTS_FAULT_LOAD_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fault/checker.h"
#include "tests/fault/journal.h"
#include "tools/client/address_book.h"
#include "tools/retail/client.h"
#include "tools/retail/draw.h"
#include "tools/retail/world.h"

namespace quartermaster::crash {

// Not thread-safe.
class LoadClient {
 public:
  // `world` must outlive it. `number` tells the clients of a run apart, in all their ids.
  // `patience` is the share of its calls that it repeats until they are answered, for 30 s; after
  // the others' first attempt it leaves the thing alone.
  LoadClient(const retail::World* world, const tools::AddressBook& addresses, int number,
             uint64_t seed, double patience);

  // The first units. All services must serve.
  void ReceiveSupply();
  // A million of kPlenty at every place that sells online.
  void ReceivePlenty();
  // One thing after another, until told to stop.
  void Run(const std::atomic<bool>& stop);
  // Sends again what has no answer yet. What gets none in 30 s stays so.
  void ResolveUnanswered();
  // Sends exchanges again, `first` and later ones and `others` random earlier ones, and compares
  // the answers.
  std::vector<Violation> Repeat(size_t first, size_t others);
  // Ends all that `observed` has open: orders are cancelled, what was picked of them is put back,
  // reservations are released.
  void Close(const Observed& observed);

  const Journal& journal() const { return journal_; }
  // Of the calls that it was patient with, reads among them, how many got no answer all the same.
  int64_t given_up() const { return given_up_; }
  retail::Client* client() { return &client_; }

 private:
  // What came of a request, for its sender.
  enum class Outcome { kAccepted, kRefused, kLost };

  struct Hold {
    // As the last answer had it.
    stock::v1::Reservation reservation;
    bool confirmed = false;
  };
  struct OpenOrder {
    std::string order_id;
    // Of the task that is ready for pickup.
    std::string pickup_code;
  };
  struct SoldLine {
    std::string line_id;
    std::string sku;
    // May yet come back.
    int64_t quantity = 0;
  };
  struct Sold {
    std::string order_id;
    std::vector<SoldLine> lines;
  };

  template <typename Request, typename Response>
  Outcome Ask(const Request& request, Response* response);
  // Sends an exchange until it is answered, once only if not `patient`; true if it was.
  bool Send(Exchange* exchange, bool patient);
  // The same of any call; `attempt` returns whether it was answered within the time it is given.
  bool Insist(bool patient, const std::function<bool(Micros)>& attempt);
  std::string NextId(std::string_view what);

  const std::string& AnySku();
  const retail::Place& AnyPlace(bool online);
  void AddLines(google::protobuf::RepeatedPtrField<stock::v1::ReserveLine>* lines);
  void SetTtl(google::protobuf::Duration* ttl);

  void Reserve();
  void WorkOnHold();
  // Each false: the hold is no longer ours to work on.
  bool WorkOnHeld(Hold* hold);
  bool WorkOnConfirmed(Hold* hold);
  bool UpdateHold(Hold* hold);
  bool ExtendHold(Hold* hold);
  bool ConfirmHold(Hold* hold);
  bool ReleasePart(Hold* hold, bool missing);
  bool Fulfil(Hold* hold);
  void ReleaseAll(const std::string& reservation_id);
  // From a hold, or (nullptr) from nothing.
  void PlaceOrder(const Hold* hold);
  void WorkOnOrder();
  bool WorkOnTask(OpenOrder* order, const orders::v1::Task& task);
  // What a location does that is asked to put units back. Unset: it goes on as if it had not been.
  std::optional<bool> AnswerCancel(const orders::v1::Task& task);
  bool PutBack(const orders::v1::Task& task, bool whole);
  bool Pick(const orders::v1::Task& task);
  bool Ship(const orders::v1::Task& task);
  bool HandOver(const OpenOrder& order, const orders::v1::Task& task);
  bool CancelOrder(const orders::v1::Order& order, bool whole);
  void AdjustStock(int rows);
  void OrderWhatJustCame();
  void RecordSale();
  void ReturnSold();
  void ReturnUnknown();

  const retail::World& world_;
  const int number_;
  const double patience_;
  retail::Calls calls_;
  retail::Client client_;
  retail::Draw draw_;
  int64_t next_id_ = 0;
  int64_t given_up_ = 0;
  Journal journal_;
  std::vector<Hold> holds_;
  std::vector<OpenOrder> orders_;
  std::vector<Sold> sold_;
};

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_LOAD_CLIENT_H_
