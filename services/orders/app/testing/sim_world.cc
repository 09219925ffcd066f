#include "services/orders/app/testing/sim_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/rpc/status.pb.h"
#include "services/orders/app/errors.h"
#include "services/orders/app/testing/sim_routing.h"
#include "services/orders/domain/invariants.h"
#include "services/orders/domain/saga.h"
#include "storage/memory_log.h"

namespace quartermaster::orders {
namespace {

constexpr char kPlantedName[] = "PLANTED-PERSON";

// One of the ways in which a transport says that it does not know what became of a request.
PeerError NoOutcome(std::mt19937_64& random) {
  static constexpr absl::StatusCode kCodes[] = {
      absl::StatusCode::kUnavailable, absl::StatusCode::kUnknown, absl::StatusCode::kInternal,
      absl::StatusCode::kAborted, absl::StatusCode::kDeadlineExceeded};
  google::rpc::Status status;
  status.set_code(static_cast<int>(kCodes[random() % std::size(kCodes)]));
  return ToPeerError(runtime::FromRpcStatus(status), "peer");
}

}  // namespace

// The log as one process sees it: dead with the process, before or after an append.
class SimLog : public storage::EventLog {
 public:
  SimLog(SimWorld* world, int process) : world_(world), process_(process) {}

  absl::StatusOr<storage::Lease> Acquire(const storage::PartitionId& partition) override {
    return world_->log_->Acquire(partition);
  }
  absl::Status Append(const storage::PartitionId& partition, storage::Epoch epoch,
                      storage::Position expected_head, std::string_view frame) override {
    if (Gone() || world_->Dies()) return storage::FencedError(partition, epoch, epoch + 1);
    const absl::Status appended = world_->log_->Append(partition, epoch, expected_head, frame);
    if (world_->Dies()) return storage::FencedError(partition, epoch, epoch + 1);
    return appended;
  }
  absl::StatusOr<std::vector<std::string>> Read(const storage::PartitionId& partition,
                                                storage::Position from, size_t max_bytes) override {
    return world_->log_->Read(partition, from, max_bytes);
  }
  absl::StatusOr<storage::PartitionStatus> GetStatus(
      const storage::PartitionId& partition) override {
    return world_->log_->GetStatus(partition);
  }
  absl::StatusOr<std::vector<storage::PartitionStatus>> ListPartitions() override {
    return world_->log_->ListPartitions();
  }
  absl::StatusOr<storage::Position> WaitForHead(const storage::PartitionId& partition,
                                                storage::Position position,
                                                Micros timeout) override {
    return world_->log_->WaitForHead(partition, position, timeout);
  }
  int format_level() const override { return world_->log_->format_level(); }

 private:
  bool Gone() const { return world_->dead_ || world_->process_->number != process_; }
  SimWorld* const world_;
  const int process_;
};

class SimStockPeer : public StockPeer {
 public:
  SimStockPeer(SimWorld* world, int process) : world_(world), process_(process) {}

  void Reserve(StockReserve request, PeerCallback<StockReservation> done) override {
    Ask<StockReservation>([world = world_, request] { return world->stock_.Reserve(request); },
                          std::move(done));
  }
  void Confirm(StockConfirm request, PeerCallback<StockReservation> done) override {
    Ask<StockReservation>([world = world_, request] { return world->stock_.Confirm(request); },
                          std::move(done));
  }
  void Release(StockRelease request, PeerCallback<StockReservation> done) override {
    Ask<StockReservation>([world = world_, request] { return world->stock_.Release(request); },
                          std::move(done));
  }
  void Fulfil(StockFulfil request, PeerCallback<StockReservation> done) override {
    Ask<StockReservation>([world = world_, request] { return world->stock_.Fulfil(request); },
                          std::move(done));
  }
  void Adjust(StockAdjust request, PeerCallback<StockAdjusted> done) override {
    Ask<StockAdjusted>([world = world_, request] { return world->stock_.Adjust(request); },
                       std::move(done));
  }
  void GetReservation(std::string reservation_id, PeerCallback<StockReservation> done) override {
    Ask<StockReservation>(
        [world = world_, reservation_id] { return world->stock_.Get(reservation_id); },
        std::move(done));
  }
  void FindHold(std::string owner_id, PeerCallback<std::optional<StockReservation>> done) override {
    using Found = std::optional<StockReservation>;
    Ask<Found>(
        [world = world_, owner_id] { return PeerResult<Found>(world->stock_.FindHold(owner_id)); },
        std::move(done));
  }

 private:
  template <typename T>
  void Ask(std::function<PeerResult<T>()> effect, PeerCallback<T> done) {
    world_->Ask<T>(process_, std::move(effect), std::move(done));
  }
  SimWorld* const world_;
  const int process_;
};

class SimRoutingPeer : public RoutingPeer {
 public:
  SimRoutingPeer(SimWorld* world, int process) : world_(world), process_(process) {}
  void Plan(PlanRequest request, PeerCallback<RoutePlan> done) override {
    auto answer = std::make_shared<PeerCallback<RoutePlan>>(std::move(done));
    const bool unheard = static_cast<int>(world_->random_() % 1'000) < world_->options_.lose_answer;
    world_->Send(false, process_, [this, request = std::move(request), answer, unheard] {
      (*answer)(unheard ? PeerResult<RoutePlan>(NoOutcome(world_->random_))
                        : SimPlan(world_->stock_, world_->mirror_, request));
    });
  }

 private:
  SimWorld* const world_;
  const int process_;
};

SimWorld::SimWorld(SimOptions options)
    : options_(options),
      random_(options.seed),
      stock_(&clock_),
      log_(storage::NewMemoryLog()),
      vault_(NewMemoryVault()),
      code_key_(std::string(kSecretKeyBytes, 'k')) {
  Boot();
}

SimWorld::~SimWorld() = default;

bool SimWorld::Dies() {
  ++steps_;
  if (dead_) return true;
  const bool planned = steps_ == options_.crash_at;
  const bool by_chance = options_.crash > 0 && static_cast<int>(random_() % 1'000) < options_.crash;
  dead_ = planned || by_chance;
  return dead_;
}

void SimWorld::Boot() {
  const int number = process_ == nullptr ? 1 : process_->number + 1;
  if (process_ != nullptr) {
    // Whatever it still says while it dies, nobody hears.
    process_->app.reset();
    std::erase_if(network_, [&](const Message& message) {
      return !message.request || !options_.late_messages;
    });
    ++crashes_;
    clock_.Advance(options_.downtime);
  }
  dead_ = false;
  process_ = std::make_unique<Process>();
  process_->number = number;
  process_->log = std::make_unique<SimLog>(this, number);
  process_->stock = std::make_unique<SimStockPeer>(this, number);
  process_->routing = std::make_unique<SimRoutingPeer>(this, number);
  OrdersOptions options;
  options.vault = vault_.get();
  options.code_key = code_key_;
  options.seed = options_.seed * 1'000 + static_cast<uint64_t>(number) * 10;
  auto app = OrdersApp::Open(std::move(options), process_->log.get(), &clock_,
                             {process_->stock.get(), process_->routing.get(), nullptr});
  ASSERT_TRUE(app.ok()) << app.status();
  process_->app = *std::move(app);
  ASSERT_TRUE(process_->app->Acquire().ok());
  process_->app->Resume();
  for (auto& [id, thread] : threads_) {
    if (!thread.asking) continue;
    thread.asking = false;
    if (!options_.clients_retry) thread.clients.clear();
  }
}

void SimWorld::Send(bool request, int process, std::function<void()> deliver) {
  network_.push_back({request, process, std::move(deliver)});
}

template <typename T>
void SimWorld::Ask(int process, std::function<PeerResult<T>()> effect, PeerCallback<T> done) {
  if (dead_ || process != process_->number) return;
  auto answer = std::make_shared<PeerCallback<T>>(std::move(done));
  const auto reply = [this, process, answer](PeerResult<T> result) {
    Send(false, process, [answer, result = std::move(result)] { (*answer)(result); });
  };
  const bool lost = static_cast<int>(random_() % 1'000) < options_.lose_request;
  const bool unheard = static_cast<int>(random_() % 1'000) < options_.lose_answer;
  Send(true, process, [this, lost, unheard, effect = std::move(effect), reply] {
    PeerResult<T> result = lost || stock_down_ ? PeerResult<T>(NoOutcome(random_)) : effect();
    reply(unheard ? PeerResult<T>(NoOutcome(random_)) : std::move(result));
  });
}

bool SimWorld::Deliver() {
  if (network_.empty()) return false;
  const size_t index = options_.shuffle ? random_() % network_.size() : 0;
  Message message = std::move(network_[index]);
  network_.erase(network_.begin() + static_cast<ptrdiff_t>(index));
  if (!message.request && message.process != process_->number) return true;
  message.deliver();
  Dies();
  return true;
}

void SimWorld::AddTask(Client client, int thread) {
  threads_[thread].clients.push_back(std::move(client));
}

bool SimWorld::clients_done() const {
  return std::all_of(threads_.begin(), threads_.end(),
                     [](const auto& entry) { return entry.second.clients.empty(); });
}

void SimWorld::BeginClients() {
  for (auto& [id, thread] : threads_) {
    if (thread.asking || thread.clients.empty()) continue;
    thread.asking = true;
    const int process = process_->number;
    thread.clients.front()(*this, [this, &thread = thread, process] {
      // The answer of a process that has died on the way reaches nobody.
      if (dead_ || process != process_->number) return;
      thread.asking = false;
      thread.clients.pop_front();
    });
  }
}

void SimWorld::Run(Micros at_most, const std::function<bool()>& until) {
  const Instant end = clock_.Now() + at_most;
  while (clock_.Now() < end) {
    if (dead_) Boot();
    BeginClients();
    bool any = app().Step();
    if (dead_) continue;
    if (until && until()) return;
    any = Deliver() || any;
    if (dead_ || any) continue;
    const Instant due = app().next_due();
    if (due == kDistantFuture && clients_done()) return;
    clock_.AdvanceTo(due == kDistantFuture ? end : std::min(due, end));
  }
}

void SimWorld::FreezeMirror() {
  mirror_.emplace();
  for (const SimStock::Place& place : stock_.Places()) {
    (*mirror_)[place] = stock_.Available(place.first, place.second);
  }
}

void SimWorld::StopFaults() {
  options_.lose_request = 0;
  options_.lose_answer = 0;
  options_.crash = 0;
  options_.crash_at = 0;
  stock_down_ = false;
  mirror_.reset();
}

SimWorld::Client SimWorld::Place(PlaceCall call) {
  return [call](SimWorld& world, Answered answered) { world.AskToPlace(call, answered); };
}

void SimWorld::AskToPlace(const PlaceCall& call, const Answered& answered) {
  app().placer().Place(call, [this, call, answered](PlaceReply reply) {
    // A dead process has said nothing.
    if (dead_) return;
    const auto* error = std::get_if<runtime::RpcError>(&reply);
    if (error != nullptr && error->reason() == common::v1::PEER_UNAVAILABLE &&
        options_.clients_retry) {
      return Send(false, process_->number, [this, call, answered] { AskToPlace(call, answered); });
    }
    placed.insert_or_assign(call.request_id, std::move(reply));
    answered();
  });
}

SimWorld::Client SimWorld::Edit(EditOrder edit, std::string request_id) {
  const uint64_t content = absl::HashOf(request_id, edit.order_id);
  return [edit = std::move(edit), request_id = std::move(request_id), content](SimWorld& world,
                                                                               Answered answered) {
    world.AskToEdit(request_id, {content, content}, edit, answered);
  };
}

void SimWorld::AskToEdit(const std::string& request_id, Fingerprint fingerprint,
                         const EditOrder& edit, const Answered& answered) {
  edits.insert_or_assign(request_id, edit);
  EditCall call{.request_id = request_id, .fingerprint = fingerprint, .edit = edit};
  app().editor().Edit(std::move(call), [=, this](EditReply reply) {
    // A dead process has said nothing.
    if (dead_) return;
    const auto* error = std::get_if<runtime::RpcError>(&reply);
    if (error != nullptr && error->reason() == common::v1::PEER_UNAVAILABLE &&
        options_.clients_retry) {
      return Send(false, process_->number,
                  [=, this] { AskToEdit(request_id, fingerprint, edit, answered); });
    }
    edited.insert_or_assign(request_id, std::move(reply));
    answered();
  });
}

SimWorld::Client SimWorld::Do(std::string request_id, std::function<Command(SimWorld&)> command) {
  return [request_id, command](SimWorld& world, Answered answered) {
    Command made = command(world);
    const uint64_t content = absl::HashOf(request_id, made.index());
    world.app().engine().Submit(
        {.request_id = request_id, .fingerprint = {content, content}, .commands = {made}},
        [&world, answered, request_id](Answer answer) {
          if (answer.error) return;
          world.answers.insert_or_assign(request_id, std::move(answer));
          answered();
        });
  };
}

std::vector<std::string> SimWorld::Frames() {
  std::vector<std::string> all;
  const storage::PartitionId partition = app().engine().partition();
  storage::Position next = 1;
  while (true) {
    auto frames = log_->Read(partition, next, 1 << 20);
    if (!frames.ok() || frames->empty()) return all;
    for (std::string& frame : *frames) {
      next = storage::FrameView::Parse(frame)->last_position() + 1;
      all.push_back(std::move(frame));
    }
  }
}

std::string SimWorld::LogBytes() { return absl::StrJoin(Frames(), ""); }

int SimWorld::CountRecords(uint32_t type) {
  int count = 0;
  for (const std::string& frame : Frames()) {
    const auto view = storage::FrameView::Parse(frame);
    for (const storage::Record& record : *view) count += record.type == type ? 1 : 0;
  }
  return count;
}

void SimWorld::CheckServed(const Order& order) {
  for (const OrderLine& line : order.lines) {
    if (!line.backordered.IsPositive()) continue;
    const Group& group = order.groups[line.group];
    for (const auto& [sku, location] : stock_.Places()) {
      if (sku != line.sku || stock_.Available(sku, location) <= 0) continue;
      const bool may_serve = group.method == Method::kShip || group.location_id == location;
      EXPECT_FALSE(may_serve) << order.order_id << " waits for " << sku << ", and " << location
                              << " has it";
    }
  }
}

void SimWorld::CheckEverything(const std::map<std::string, int64_t>& initial) {
  const State& state = app().engine().state();
  const std::vector<std::string> violations = CheckState(state);
  EXPECT_TRUE(violations.empty()) << violations.front();
  EXPECT_TRUE(clients_done()) << "a client was never answered";
  EXPECT_EQ(app().saga().open(), 0) << "an intent is still open";
  EXPECT_TRUE(AllPendingIntents(state).empty());
  for (const auto& [position, item] : state.exceptions) {
    EXPECT_NE(item.kind, ExceptionKind::kStockConflict)
        << item.order_id << ": stock refused with " << item.detail << " what the saga asked";
  }
  // What nobody refers to is gone when its time is up.
  clock_.Advance(kHoldTtl + Seconds(1));
  for (const auto& [sku, units] : initial) {
    int64_t allocated = 0;
    int64_t gone = 0;
    for (const auto& [id, order] : state.orders) {
      for (const OrderLine& line : order.lines) {
        if (line.sku != sku) continue;
        allocated += line.bound().units();
        gone += (line.fulfilled - line.returned).units();
      }
      // Shipped after they had been cancelled, and others in their place: gone all the same.
      for (const Task& task : order.tasks) {
        for (const TaskLine& line : task.lines) {
          if (order.lines[line.line].sku != sku) continue;
          gone += (line.late - line.late_counted + line.found).units();
        }
      }
    }
    for (const auto& [id, item] : state.unmatched_returns) {
      // Its order counts it.
      if (item.state == ReturnState::kMatched) continue;
      for (const ReturnLine& line : item.lines) {
        if (line.sku == sku) gone -= line.quantity.units();
      }
    }
    EXPECT_EQ(stock_.Reserved(sku), 0) << sku << ": a hold is left";
    EXPECT_EQ(stock_.Allocated(sku), allocated) << sku << ": stock and orders disagree";
    EXPECT_EQ(stock_.OnHand(sku), units - gone) << sku << ": on hand is not what it must be";
  }
  for (const auto& [id, order] : state.orders) CheckServed(order);
  EXPECT_EQ(LogBytes().find(kPlantedName), std::string::npos) << "personal data is in the log";
  for (const auto& [request_id, reply] : placed) {
    const Placed* order = std::get_if<Placed>(&reply);
    if (order == nullptr) continue;
    EXPECT_TRUE(state.orders.contains(order->order_id)) << request_id << " was placed and is lost";
    EXPECT_TRUE(vault_->Get(order->order_id).ok()) << request_id << " has no subject";
  }
  for (const auto& [request_id, reply] : edited) {
    const EditOrder& edit = edits.at(request_id);
    const auto order = state.orders.find(edit.order_id);
    for (const AddedLine& added : edit.added) {
      const bool there =
          order != state.orders.end() && FindLine(order->second, added.line.line_id).has_value();
      EXPECT_EQ(there, std::holds_alternative<std::string>(reply))
          << request_id << " was not answered as it ended";
    }
  }
  auto replayed =
      OrdersEngine::Open({.partition = app().engine().partition()}, log_.get(), &clock_);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE((*replayed)->state() == state) << "a replay gives another state";
}

PlaceCall MakePlaceCall(const std::string& request_id, Method method,
                        const std::string& location_id, const std::vector<SimLine>& lines) {
  PlaceCall call;
  call.request_id = request_id;
  call.subject = absl::StrCat(kPlantedName, " of ", request_id);
  call.content.channel_id = "web";
  Group& group = call.content.groups.emplace_back();
  group.group_id = "g";
  group.method = method;
  group.location_id = location_id;
  if (method == Method::kShip) group.destination.point = CoarsePoint{441, 261};
  std::string content = absl::StrCat(static_cast<int>(method), location_id);
  for (const SimLine& line : lines) {
    call.content.lines.push_back({.line_id = absl::StrCat("l", call.content.lines.size()),
                                  .group = 0,
                                  .sku = line.sku,
                                  .quantity = Quantity(line.units),
                                  .backorder = line.backorder});
    call.content.drop_on_shortage.push_back(line.drop);
    absl::StrAppend(&content, "/", line.sku, ":", line.units, line.drop ? "?" : "",
                    line.backorder ? "+" : "");
  }
  call.fingerprint = {std::hash<std::string>()(content), content.size()};
  return call;
}

}  // namespace quartermaster::orders
