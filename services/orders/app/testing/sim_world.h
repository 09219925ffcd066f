// SimWorld: orders in a box. One orders process over a log in memory, a stock service and a routing
// service that outlive it, and a network between them whose messages are delivered one by one, in
// an order that the seed decides. At a chosen step, which may be before or after any message or any
// append to the log, the process dies with everything in its memory, and the next one opens the
// log.
//
//   SimWorld world({.seed = 7, .crash_at = 12});
//   world.stock().Put("tea", "w1", 5);
//   world.AddTask([](SimWorld& w, SimWorld::Answered done) { ... });   // repeated until answered
//   world.Run();
//   world.CheckEverything();
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_WORLD_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_WORLD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "services/orders/app/orders_app.h"
#include "services/orders/app/testing/fake_clock.h"
#include "services/orders/app/testing/sim_routing.h"
#include "services/orders/app/testing/sim_stock.h"
#include "storage/event_log.h"

namespace quartermaster::orders {

struct SimOptions {
  uint64_t seed = 1;
  // The process dies at this step, counted from 1; 0: never. A step is the delivery of a message
  // or one side of an append.
  int crash_at = 0;
  // How long it stays down.
  Micros downtime;
  // What it had sent arrives all the same, after it has come back; otherwise it is lost.
  bool late_messages = false;
  // A client that has no answer asks again after a crash.
  bool clients_retry = true;
  // Chances of a message in a thousand, which the asker is then told as one of the transport's
  // errors; of a crash per step.
  int lose_request = 0;
  int lose_answer = 0;
  int crash = 0;
  bool shuffle = false;
};

class SimWorld {
 public:
  using Answered = std::function<void()>;
  // Asks something of the process; calls `answered` when it has what it wanted. Begun again after
  // a crash, if it had no answer.
  using Client = std::function<void(SimWorld& world, Answered answered)>;

  explicit SimWorld(SimOptions options);
  ~SimWorld();

  OrdersApp& app() { return *process_->app; }
  SimStock& stock() { return stock_; }
  FakeClock& clock() { return clock_; }
  SubjectVault& vault() { return *vault_; }
  const SimOptions& options() const { return options_; }
  std::mt19937_64& random() { return random_; }
  // Steps taken so far: one more than the last useful crash_at.
  int steps() const { return steps_; }
  int crashes() const { return crashes_; }

  // Nothing reaches stock; routing plans from what stock had at this moment.
  void set_stock_down(bool down) { stock_down_ = down; }
  void FreezeMirror();
  void StopFaults();

  // Runs after the one before it has been answered; those of different threads side by side.
  void AddTask(Client client, int thread = 0);
  // Until all clients are answered and nothing is under way, but at most this long, or until it is
  // `until`, which is looked at before each message.
  void Run(Micros at_most = Hours(1), const std::function<bool()>& until = {});
  bool clients_done() const;

  // Clients' shorthands. The answer, when there is one, is in `answers`, by request id.
  Client Place(PlaceCall call);
  Client Edit(EditOrder edit, std::string request_id);
  Client Do(std::string request_id, std::function<Command(SimWorld&)> command);
  std::map<std::string, PlaceReply> placed;
  std::map<std::string, EditReply> edited;
  std::map<std::string, EditOrder> edits;
  std::map<std::string, Answer> answers;

  // Fails the test unless every promise is kept: the domain's invariants; no intent open; stock
  // holds exactly what orders think it does, and after its TTL no hold is left; on hand is what
  // was put there less what left; a replay gives the same state; no personal data is in the log.
  // `initial`: of each SKU.
  void CheckEverything(const std::map<std::string, int64_t>& initial);
  // All bytes of the log.
  std::string LogBytes();
  // How many records of the type it has.
  int CountRecords(uint32_t type);

 private:
  std::vector<std::string> Frames();
  // Nothing waits for stock that is there.
  void CheckServed(const Order& order);

  friend class SimLog;
  friend class SimStockPeer;
  friend class SimRoutingPeer;

  struct Process {
    int number = 0;
    std::unique_ptr<storage::EventLog> log;
    std::unique_ptr<StockPeer> stock;
    std::unique_ptr<RoutingPeer> routing;
    std::unique_ptr<OrdersApp> app;
  };
  struct Message {
    // Towards stock, or back.
    bool request = false;
    int process = 0;
    std::function<void()> deliver;
  };
  struct Thread {
    std::deque<Client> clients;
    bool asking = false;
  };

  // Counts a step; true if the process dies now.
  bool Dies();
  void Boot();
  void BeginClients();
  void AskToPlace(const PlaceCall& call, const Answered& answered);
  void AskToEdit(const std::string& request_id, Fingerprint fingerprint, const EditOrder& edit,
                 const Answered& answered);
  bool Deliver();
  void Send(bool request, int process, std::function<void()> deliver);
  // Sends a request towards stock: its effect there, and the answer's way back, may be lost.
  template <typename T>
  void Ask(int process, std::function<PeerResult<T>()> effect, PeerCallback<T> done);

  SimOptions options_;
  std::mt19937_64 random_;
  FakeClock clock_;
  SimStock stock_;
  const std::unique_ptr<storage::EventLog> log_;
  const std::unique_ptr<SubjectVault> vault_;
  const SecretKey code_key_;
  std::optional<SimMirror> mirror_;
  bool stock_down_ = false;
  int steps_ = 0;
  int crashes_ = 0;
  bool dead_ = false;
  std::deque<Message> network_;
  std::map<int, Thread> threads_;
  std::unique_ptr<Process> process_;
};

// Lines of one group, as a client orders them.
struct SimLine {
  std::string sku;
  int64_t units = 1;
  bool drop = false;
  bool backorder = false;
};
// A call with the fingerprint of its content. Line ids are "l0", "l1", ...
PlaceCall MakePlaceCall(const std::string& request_id, Method method,
                        const std::string& location_id, const std::vector<SimLine>& lines);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_TESTING_SIM_WORLD_H_
