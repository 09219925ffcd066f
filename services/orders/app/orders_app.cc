#include "services/orders/app/orders_app.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/orders/app/secrets.h"
#include "services/orders/domain/saga.h"
#include "storage/durable_file.h"

namespace quartermaster::orders {

absl::StatusOr<std::unique_ptr<OrdersApp>> OrdersApp::Open(
    OrdersOptions options, storage::EventLog* log, const engine::Clock* clock, OrdersPeers peers,
    const std::function<void(storage::Position, storage::Position)>& on_progress) {
  std::unique_ptr<OrdersApp> app(new OrdersApp(clock, peers));
  if (options.data_directory.empty()) {
    if (options.vault == nullptr) app->own_vault_ = NewMemoryVault();
    if (!options.code_key) options.code_key = RandomKey();
  } else {
    QM_RETURN_IF_ERROR(storage::MakeDirectory(options.data_directory));
    QM_ASSIGN_OR_RETURN(
        app->own_vault_,
        OpenFileVault(absl::StrCat(options.data_directory, "/vault"), options.vault_key));
    if (!options.code_key) {
      QM_ASSIGN_OR_RETURN(options.code_key, LoadOrCreateKey(absl::StrCat(options.data_directory,
                                                                         "/pickup_codes.key")));
    }
  }
  app->codes_ = std::make_unique<PickupCodes>(*options.code_key);
  app->vault_ = app->own_vault_ != nullptr ? app->own_vault_.get() : options.vault;
  if (options.sequencer.partition.name.empty()) options.sequencer.partition.name = "orders/0";
  QM_ASSIGN_OR_RETURN(app->engine_,
                      OrdersEngine::Open(std::move(options.sequencer), log, clock, on_progress));
  const uint64_t seed = options.seed != 0
                            ? options.seed
                            : (uint64_t{std::random_device()()} << 32 | std::random_device()());
  OrdersEngine* const engine = app->engine_.get();
  app->history_ = std::make_unique<OrderHistory>(log, engine->partition());
  app->watch_ = std::make_unique<OrderWatch>(app->history_.get(), &app->reader_loop_);
  app->waiter_ = std::make_unique<OrderWaiter>(&engine->view(), app->loop_.get());
  app->sourcing_ = std::make_unique<Sourcing>(peers.stock, peers.routing, app->loop_, seed);
  app->saga_ = std::make_unique<SagaDriver>(engine, peers.stock, app->sourcing_.get(), app->loop_,
                                            options.stalled_after, seed + 1);
  app->backorders_ = std::make_unique<BackorderDriver>(engine, app->sourcing_.get(), app->loop_,
                                                       options.backorder_interval);
  app->placer_ = std::make_unique<OrderPlacer>(OrderPlacer::Parts{.tenant = app->tenant(),
                                                                  .engine = engine,
                                                                  .vault = app->vault_,
                                                                  .stock = peers.stock,
                                                                  .directory = peers.directory,
                                                                  .sourcing = app->sourcing_.get(),
                                                                  .waiter = app->waiter_.get(),
                                                                  .loop = app->loop_,
                                                                  .disk_loop = &app->disk_loop_,
                                                                  .seed = seed + 2});
  app->editor_ = std::make_unique<OrderEditor>(OrderEditor::Parts{.engine = engine,
                                                                  .directory = peers.directory,
                                                                  .sourcing = app->sourcing_.get(),
                                                                  .loop = app->loop_});
  engine->AddListener([raw = app.get()](const Changes& changes, storage::Position head) {
    raw->OnFrame(changes, head);
  });
  return app;
}

OrdersApp::~OrdersApp() { Stop(); }

absl::Status OrdersApp::Acquire() {
  QM_RETURN_IF_ERROR(engine_->Acquire());
  watch_->OnHead(engine_->head());
  return absl::OkStatus();
}

void OrdersApp::Start() {
  Resume();
  reader_loop_.Start();
  disk_loop_.Start();
  loop_->Start();
  engine_->Start();
}

void OrdersApp::Stop() {
  if (engine_ != nullptr) engine_->Stop();
  if (watch_ != nullptr) watch_->CancelAll();
  if (placer_ != nullptr) loop_->Post([this] { placer_->Abandon(); });
  if (editor_ != nullptr) loop_->Post([this] { editor_->Abandon(); });
  disk_loop_.Stop();
  loop_->Stop();
  reader_loop_.Stop();
}

void OrdersApp::Resume() {
  saga_->Resume(AllPendingIntents(engine_->state()));
  backorders_->Resume(engine_->state());
  EraseStraySubjects();
}

// Those of orders that never came into the log, because the process before this one ended between
// the two, and those of persons who were erased since the vault's copy was made that it was
// restored from.
void OrdersApp::EraseStraySubjects() {
  std::vector<std::string> known;
  for (const auto& [order_id, order] : engine_->state().orders) {
    if (!order.subject_erased) known.push_back(order_id);
  }
  // Before whatever the placer keeps.
  disk_loop_.Post([vault = vault_, known = std::move(known)] {
    // What could not be erased now is erased by the next start.
    vault->EraseAllBut(known).IgnoreError();
  });
}

bool OrdersApp::Step() {
  bool any = engine_->Step();
  any = loop_->Step() || any;
  any = disk_loop_.Step() || any;
  return reader_loop_.Step() || any;
}

bool OrdersApp::KnowsItem(std::string_view sku) const {
  return peers_.directory == nullptr || peers_.directory->FindItem(sku).has_value();
}

bool OrdersApp::IsNotReturnable(std::string_view sku) const {
  if (peers_.directory == nullptr) return false;
  const std::optional<ItemTerms> terms = peers_.directory->FindItem(sku);
  return terms && !terms->returnable;
}

bool OrdersApp::KnowsLocation(std::string_view location_id) const {
  return peers_.directory == nullptr || peers_.directory->HasLocation(location_id);
}

std::vector<Instant> OrdersApp::NextCloses(std::string_view task_id) const {
  const std::optional<TaskRef> ref = view().FindTask(task_id);
  if (peers_.directory == nullptr || !ref.has_value()) return {};
  return peers_.directory->NextCloses(ref->task().location_id, clock_->Now(), kPickupDaysMax);
}

void OrdersApp::OnFrame(const Changes& changes, storage::Position head) {
  watch_->OnHead(head);
  if (changes.orders.empty() && changes.returns.empty()) return;
  std::vector<std::string> orders(changes.orders.begin(), changes.orders.end());
  std::vector<std::string> returns(changes.returns.begin(), changes.returns.end());
  loop_->Post([this, orders = std::move(orders), returns = std::move(returns)] {
    saga_->OnChanged(orders, returns);
    backorders_->OnChanged(orders);
    waiter_->OnChanged(orders);
  });
}

void OrdersApp::SubmitAndSettle(Call call, std::vector<std::string> order_ids, Instant until,
                                OrdersEngine::Done done) {
  engine_->Submit(std::move(call), [this, order_ids = std::move(order_ids), until,
                                    done = std::move(done)](Answer answer) mutable {
    if (answer.error) return done(std::move(answer));
    loop_->Post([this, order_ids = std::move(order_ids), until, done = std::move(done),
                 answer = std::move(answer)]() mutable {
      waiter_->Wait(
          std::move(order_ids), [](const Order& order) { return order.stock_ops.empty(); }, until,
          [done = std::move(done), answer = std::move(answer)]() mutable {
            done(std::move(answer));
          });
    });
  });
}

void OrdersApp::ReadSubject(std::string order_id,
                            absl::AnyInvocable<void(absl::StatusOr<std::string>)> done) {
  disk_loop_.Post([this, order_id = std::move(order_id), done = std::move(done)]() mutable {
    done(vault_->Get(order_id));
  });
}

void OrdersApp::ChangeSubject(Call call, std::string order_id, OrdersEngine::Done done,
                              absl::AnyInvocable<absl::Status()> change) {
  disk_loop_.Post([this, call = std::move(call), order_id = std::move(order_id),
                   done = std::move(done), change = std::move(change)]() mutable {
    if (!changing_.insert(order_id).second) {
      Answer busy;
      busy.error = runtime::Overloaded(Milliseconds(100));
      return done(std::move(busy));
    }
    OrdersEngine::Done end = [this, order_id, done = std::move(done)](Answer answer) mutable {
      disk_loop_.Post([this, order_id = std::move(order_id)] { changing_.erase(order_id); });
      done(std::move(answer));
    };
    Call recall = {
        .request_id = call.request_id, .fingerprint = call.fingerprint, .deadline = call.deadline};
    engine_->Submit(std::move(recall), [this, call = std::move(call), end = std::move(end),
                                        change = std::move(change)](Answer answer) mutable {
      if (answer.error || answer.recalled) return end(std::move(answer));
      disk_loop_.Post([this, call = std::move(call), end = std::move(end),
                       change = std::move(change)]() mutable {
        if (const absl::Status changed = change(); !changed.ok()) {
          Answer failed;
          failed.error = runtime::InternalDefect("the subject vault did not do it", changed);
          return end(std::move(failed));
        }
        // The vault has done it: it is recorded, however late.
        call.deadline = kDistantFuture;
        engine_->Submit(std::move(call), std::move(end));
      });
    });
  });
}

void OrdersApp::SubmitSubject(Call call, std::string order_id, std::string bytes,
                              OrdersEngine::Done done) {
  ChangeSubject(std::move(call), order_id, std::move(done),
                [this, order_id, bytes = std::move(bytes)]() -> absl::Status {
                  const auto order = view().FindOrder(order_id);
                  // The command is refused.
                  if (order != nullptr && order->subject_erased) return absl::OkStatus();
                  return vault_->Put(order_id, bytes);
                });
}

void OrdersApp::SubmitErased(Call call, std::string order_id, OrdersEngine::Done done) {
  ChangeSubject(std::move(call), order_id, std::move(done),
                [this, order_id] { return vault_->Erase(order_id); });
}

void OrdersApp::ReadHistory(
    std::vector<Position> positions, size_t bytes_max,
    absl::AnyInvocable<void(absl::StatusOr<std::vector<LoggedEvent>>)> done) {
  reader_loop_.Post(
      [this, positions = std::move(positions), bytes_max, done = std::move(done)]() mutable {
        done(history_->Read(positions, bytes_max));
      });
}

}  // namespace quartermaster::orders
