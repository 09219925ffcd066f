#include "services/quartermasterd/local_feeds.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>

#include "services/engine/clock.h"
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

}  // namespace
}  // namespace quartermaster
