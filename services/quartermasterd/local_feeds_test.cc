#include "services/quartermasterd/local_feeds.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/engine/clock.h"
#include "services/routing/rpc/grpc_feeds.h"
#include "services/runtime/server.h"
#include "services/stock/rpc/stock_service.h"
#include "storage/memory_log.h"

namespace quartermaster {
namespace {

class StillClock final : public engine::Clock {
 public:
  Instant Now() const override { return {Seconds(1'000'000).count}; }
};

class StockRegistrarTest : public testing::Test {
 protected:
  // The queue has room for one; the writer has not been started.
  StockRegistrarTest() {
    stock::StockEngineOptions options;
    options.sequencer.partition.name = "stock/0";
    options.sequencer.queue_commands_max = 1;
    auto engine = stock::StockEngine::Open(std::move(options), log_.get(), &clock_);
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    EXPECT_TRUE(engine_->Acquire().ok());
  }
  std::thread Register(StockRegistrar& registrar) {
    return std::thread([&registrar] {
      for (const char* sku : {"tea", "cup", "mug"}) {
        catalog::Item item;
        item.sku = sku;
        registrar.OnItem(item);
      }
    });
  }

  const std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  StillClock clock_;
  std::unique_ptr<stock::StockEngine> engine_;
};

TEST_F(StockRegistrarTest, WaitsForRoomInStocksQueue) {
  StockRegistrar registrar(engine_.get());
  std::thread catalog = Register(registrar);
  engine_->Start();
  catalog.join();
  engine_->Stop();
  EXPECT_EQ(
      engine_->view().With([](const stock::StockSnapshot& s) { return s.inventory.skus.size(); }),
      3u);
}

// As when the shared log is away: stock can only be stopped after the catalog.
TEST_F(StockRegistrarTest, DoesNotHoldUpAStop) {
  StockRegistrar registrar(engine_.get());
  std::thread catalog = Register(registrar);
  registrar.Stop();
  catalog.join();
}

// What a feed's batches come to.
class MirrorSink final : public routing::StockSink {
 public:
  using Mirror = std::map<std::pair<std::string, std::string>, int64_t>;

  void OnStock(routing::StockBatch batch) override {
    MutexLock lock(&mutex_);
    if (batch.from_scratch) mirror_.clear();
    for (const routing::StockChange& change : batch.changes) {
      mirror_[{change.sku, change.location_id}] = change.available;
      ++delivered_;
    }
    current_ = current_ || batch.current;
    if (!batch.position.empty()) position_ = batch.position;
    moved_.NotifyAll();
  }
  bool current() {
    MutexLock lock(&mutex_);
    return current_;
  }
  Mirror mirror() {
    MutexLock lock(&mutex_);
    return mirror_;
  }
  int delivered() {
    MutexLock lock(&mutex_);
    return delivered_;
  }
  // False if it does not come there.
  bool AwaitPosition(const std::string& position) {
    MutexLock lock(&mutex_);
    for (int i = 0; i < 1'000 && position_ != position; ++i) {
      moved_.WaitFor(&mutex_, Milliseconds(10));
    }
    return position_ == position;
  }

 private:
  Mutex mutex_;
  CondVar moved_;
  Mirror mirror_ ABSL_GUARDED_BY(mutex_);
  std::string position_ ABSL_GUARDED_BY(mutex_);
  bool current_ ABSL_GUARDED_BY(mutex_) = false;
  int delivered_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Stock in this process, and behind a server.
class StockFeedsTest : public testing::Test {
 protected:
  StockFeedsTest() {
    stock::StockEngineOptions options;
    options.sequencer.partition.name = "stock/0";
    auto engine = stock::StockEngine::Open(std::move(options), log_.get(), &clock_);
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    EXPECT_TRUE(engine_->Acquire().ok());
    engine_->Start();
    rpc_ = std::make_unique<stock::StockRpc>(engine_.get());
    runtime::GrpcServerOptions server_options;
    server_options.listen = "127.0.0.1:0";
    std::vector<runtime::HostedService> services;
    services.push_back(runtime::Hosted<stock::v1::StockService>(rpc_->service()));
    auto server = runtime::GrpcServer::Start(std::move(server_options), std::move(services));
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    for (const char* sku : {"tea", "cup", "mug"}) Do(stock::RegisterSku{sku});
    for (const char* store : {"near", "far"}) Do(stock::RegisterLocation{store, false});
  }
  ~StockFeedsTest() override {
    rpc_->EndStreams();
    server_->Drain();
    engine_->Stop();
  }
  // Answers when it is published.
  stock::Result Do(stock::Command command) {
    std::promise<stock::Result> done;
    engine_->Submit(std::move(command),
                    [&](stock::CallbackSubmission& submission, engine::Fate, storage::Position) {
                      done.set_value(submission.result);
                    });
    return done.get_future().get();
  }
  void Receive(const char* sku, const char* location, int64_t units) {
    stock::AdjustStock fact;
    fact.adjustment.sku = sku;
    fact.adjustment.location = location;
    fact.adjustment.kind = stock::AdjustmentKind::kReceived;
    fact.adjustment.delta = Quantity(units);
    Do(fact);
  }
  void Keep(stock::SkuIndex sku, stock::LocationIndex location, std::optional<int64_t> units) {
    stock::SetStockPolicy policy;
    policy.of_sku = sku != stock::SkuIndex::kNone;
    policy.sku = sku;
    policy.of_location = location != stock::LocationIndex::kNone;
    policy.location = location;
    if (units) policy.safety_stock = Quantity(*units);
    Do(policy);
  }

  const std::unique_ptr<storage::EventLog> log_ = storage::NewMemoryLog();
  StillClock clock_;
  std::unique_ptr<stock::StockEngine> engine_;
  std::unique_ptr<stock::StockRpc> rpc_;
  std::unique_ptr<runtime::GrpcServer> server_;
};

TEST_F(StockFeedsTest, BothDeliverWhatReserveWouldAccept) {
  constexpr stock::SkuIndex kTea{1};
  constexpr stock::SkuIndex kCup{2};
  constexpr stock::SkuIndex kNoSku = stock::SkuIndex::kNone;
  constexpr stock::LocationIndex kNear{1};
  constexpr stock::LocationIndex kFar{2};
  constexpr stock::LocationIndex kNowhere = stock::LocationIndex::kNone;
  Receive("tea", "near", 5);
  Keep(kTea, kNowhere, 2);
  LocalStockFeed here(engine_.get());
  MirrorSink local;
  here.Start(&local);
  EXPECT_TRUE(local.current());
  EXPECT_EQ(local.mirror(), (MirrorSink::Mirror{{{"tea", "near"}, 3}}));
  const auto elsewhere = routing::NewGrpcStockFeed(server_->InProcessChannel(), {});
  MirrorSink remote;
  elsewhere->Start(&remote);
  const auto expect = [&](const MirrorSink::Mirror& wanted) {
    here.CatchUp();
    EXPECT_EQ(local.mirror(), wanted);
    // A policy for many SKUs comes in pieces, here too.
    const std::string head = std::to_string(engine_->sequencer().head());
    EXPECT_TRUE(remote.AwaitPosition(head));
    EXPECT_EQ(remote.mirror(), wanted);
  };
  Receive("tea", "far", 4);
  Receive("cup", "far", 3);
  expect({{{"tea", "near"}, 3}, {{"tea", "far"}, 2}, {{"cup", "far"}, 3}});
  Keep(kTea, kFar, 1);
  expect({{{"tea", "near"}, 3}, {{"tea", "far"}, 3}, {{"cup", "far"}, 3}});
  Keep(kNoSku, kNowhere, 3);
  expect({{{"tea", "near"}, 3}, {{"tea", "far"}, 3}, {{"cup", "far"}, 0}});
  Keep(kNoSku, kFar, 2);
  expect({{{"tea", "near"}, 3}, {{"tea", "far"}, 3}, {{"cup", "far"}, 1}});
  // Units of a pool hold that stand on one location's safety stock have to move for another's.
  Do(stock::SetPool{"web", {kNear, kFar}, {}});
  stock::ReserveStock hold;
  hold.owner = "o1";
  hold.ttl = Seconds(900);
  stock::HoldLine line;
  line.sku = kTea;
  line.from_pool = true;
  line.pool = stock::PoolIndex{1};
  line.quantity = Quantity(4);
  hold.lines.push_back(line);
  EXPECT_TRUE(Do(hold).held.has_value());
  expect({{{"tea", "near"}, 2}, {{"tea", "far"}, 2}, {{"cup", "far"}, 1}});
  Keep(kTea, kNowhere, std::nullopt);
  Keep(kTea, kFar, std::nullopt);
  Keep(kCup, kFar, 0);
  expect({{{"tea", "near"}, 0}, {{"tea", "far"}, 0}, {{"cup", "far"}, 3}});
  // What a count finds right is nobody's news.
  const int before = local.delivered();
  stock::AdjustStock count;
  count.adjustment.sku = "cup";
  count.adjustment.location = "far";
  count.adjustment.kind = stock::AdjustmentKind::kCounted;
  count.adjustment.compare_and_set = true;
  count.adjustment.expected = count.adjustment.value = Quantity(3);
  Do(count);
  here.CatchUp();
  EXPECT_EQ(local.delivered(), before);
  // Without a question it comes by itself.
  Receive("mug", "near", 7);
  EXPECT_TRUE(local.AwaitPosition(std::to_string(engine_->sequencer().head())));
  elsewhere->Stop();
  here.Stop();
}

TEST(LocalDirectoryTest, KnowsWhenStoresClose) {
  catalog::Location store;
  store.location_id = "s1";
  store.time_zone = "UTC";
  // Thursdays until ten.
  store.hours.weekly = {{4, 0, 600}};
  catalog::CatalogChanges changes;
  changes.locations.push_back(std::make_shared<const catalog::Location>(store));
  catalog::CatalogView view;
  view.Publish(changes, 1);
  const LocalDirectory directory(&view);
  // 1970-01-01 was a Thursday.
  EXPECT_EQ(directory.NextCloses("s1", Instant{0}, 2),
            (std::vector<Instant>{{Hours(7 * 24 + 10).count}, {Hours(14 * 24 + 10).count}}));
  EXPECT_TRUE(directory.NextCloses("s2", Instant{0}, 2).empty());
}

}  // namespace
}  // namespace quartermaster
