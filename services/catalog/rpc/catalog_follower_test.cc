// The follower against a log over real gRPC that breaks off, comes back and says odd things.
#include "services/catalog/rpc/catalog_follower.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/events/v1/events.pb.h"

namespace quartermaster::catalog {
namespace {

using Lines = std::vector<std::string>;

constexpr runtime::BackoffOptions kQuick{.first = Milliseconds(1), .longest = Milliseconds(4)};
constexpr auto kPatience = std::chrono::seconds(30);

log::v1::Record ItemRecord(const std::string& sku, int type = 2) {
  events::v1::ItemPut item;
  item.set_sku(sku);
  item.set_base_unit("each");
  item.set_handling_class("standard");
  item.set_status(1);
  log::v1::Record record;
  record.set_type(type);
  record.set_version(1);
  record.set_payload(item.SerializeAsString());
  return record;
}

// A log of one partition that grows, sends one record a message, and does as it is told.
class FakeLog final : public log::v1::LogReader::Service {
 public:
  void Append(log::v1::Record record) {
    MutexLock lock(&mutex_);
    record.set_position(static_cast<int64_t>(records_.size()) + 1);
    records_.push_back(std::move(record));
    changed_.NotifyAll();
  }
  // Ends the streams that are open.
  void Break() {
    MutexLock lock(&mutex_);
    ++breaks_;
    changed_.NotifyAll();
  }
  // Whether records are sent.
  void SetSending(bool sending) {
    MutexLock lock(&mutex_);
    sending_ = sending;
    changed_.NotifyAll();
  }
  void SetStatusAnswer(grpc::Status status) {
    MutexLock lock(&mutex_);
    status_answer_ = std::move(status);
  }
  Lines subscriptions() {
    MutexLock lock(&mutex_);
    return subscriptions_;
  }

  grpc::Status GetStatus(grpc::ServerContext*, const log::v1::GetStatusRequest*,
                         log::v1::GetStatusResponse* response) override {
    MutexLock lock(&mutex_);
    response->add_partitions()->set_partition("stock/0");
    response->mutable_partitions(0)->set_head(1'000);
    if (!records_.empty()) {
      auto* catalog = response->add_partitions();
      catalog->set_partition("catalog/0");
      catalog->set_head(static_cast<int64_t>(records_.size()));
    }
    return status_answer_;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const log::v1::SubscribeRequest* request,
                         grpc::ServerWriter<log::v1::SubscribeResponse>* writer) override {
    EXPECT_EQ(request->partition(), "catalog/0");
    MutexLock lock(&mutex_);
    subscriptions_.push_back(absl::StrCat("from ", request->from_position()));
    const int breaks = breaks_;
    auto next = static_cast<size_t>(request->from_position()) - 1;
    while (!context->IsCancelled() && breaks == breaks_) {
      if (sending_ && next < records_.size()) {
        log::v1::SubscribeResponse response;
        *response.add_records() = records_[next++];
        writer->Write(response);
      } else {
        changed_.WaitFor(&mutex_, Milliseconds(5));
      }
    }
    return {grpc::StatusCode::UNAVAILABLE, "gone"};
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<log::v1::Record> records_ ABSL_GUARDED_BY(mutex_);
  Lines subscriptions_ ABSL_GUARDED_BY(mutex_);
  int breaks_ ABSL_GUARDED_BY(mutex_) = 0;
  bool sending_ ABSL_GUARDED_BY(mutex_) = true;
  grpc::Status status_answer_ ABSL_GUARDED_BY(mutex_);
};

class RecordingListener final : public CatalogListener {
 public:
  void OnItem(const Item& item) override {
    MutexLock lock(&mutex_);
    skus_.push_back(item.sku);
  }
  void OnLocation(const Location&) override {}
  Lines skus() {
    MutexLock lock(&mutex_);
    return skus_;
  }

 private:
  Mutex mutex_;
  Lines skus_ ABSL_GUARDED_BY(mutex_);
};

class CatalogFollowerTest : public testing::Test {
 protected:
  CatalogFollowerTest() { StartServer(); }
  ~CatalogFollowerTest() override {
    follower_.reset();
    StopServer();
  }

  void StartServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port_), grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&log_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void StopServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  void Follow(CatalogFollowerOptions options = {}) {
    options.backoff = kQuick;
    options.on_problem = [this](const std::string& problem) {
      MutexLock lock(&mutex_);
      problems_.push_back(problem);
    };
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 10);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 50);
    const auto channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port_),
                                                   grpc::InsecureChannelCredentials(), arguments);
    follower_ = std::make_unique<CatalogFollower>(channel, std::move(options));
    follower_->view().AddListener(&listener_);
    follower_->Start();
  }

  std::future<bool> Ask() {
    auto promise = std::make_shared<std::promise<bool>>();
    EXPECT_TRUE(follower_->CatchUp([promise](bool caught_up) { promise->set_value(caught_up); }));
    return promise->get_future();
  }
  bool CatchUp() {
    std::future<bool> caught_up = Ask();
    if (caught_up.wait_for(kPatience) == std::future_status::ready) return caught_up.get();
    ADD_FAILURE() << "no answer";
    return false;
  }
  // As callers do: again, while the log is away.
  void CatchUpSurely() {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!CatchUp()) ASSERT_LT(std::chrono::steady_clock::now(), give_up);
  }
  bool Reported(const std::string& text) {
    MutexLock lock(&mutex_);
    for (const std::string& problem : problems_) {
      if (problem.find(text) != std::string::npos) return true;
    }
    return false;
  }

  FakeLog log_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  RecordingListener listener_;
  Mutex mutex_;
  Lines problems_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<CatalogFollower> follower_;
};

TEST_F(CatalogFollowerTest, ACatalogWithoutALogIsEmpty) {
  Follow();
  EXPECT_TRUE(CatchUp());
  EXPECT_EQ(follower_->view().FindItem("a"), nullptr);
}

TEST_F(CatalogFollowerTest, KnowsWhatWasPutBeforeItWasAsked) {
  Follow();
  for (int i = 0; i < 50; ++i) {
    const std::string sku = absl::StrCat("sku-", i);
    log_.Append(ItemRecord(sku));
    ASSERT_TRUE(CatchUp());
    ASSERT_NE(follower_->view().FindItem(sku), nullptr) << sku;
  }
}

TEST_F(CatalogFollowerTest, ResumesAfterABreakAndARestartWithoutLossOrRepetition) {
  log_.Append(ItemRecord("a"));
  log_.Append(ItemRecord("b"));
  Follow();
  ASSERT_TRUE(CatchUp());
  log_.Break();
  log_.Append(ItemRecord("c"));
  CatchUpSurely();
  StopServer();
  EXPECT_FALSE(CatchUp());
  log_.Append(ItemRecord("d"));
  StartServer();
  CatchUpSurely();
  EXPECT_EQ(listener_.skus(), (Lines{"a", "b", "c", "d"}));
  const Lines subscriptions = log_.subscriptions();
  EXPECT_EQ(subscriptions.front(), "from 1");
  EXPECT_EQ(subscriptions.back(), "from 4");
  EXPECT_TRUE(Reported("gone"));
}

TEST_F(CatalogFollowerTest, SkipsOutcomesAndStopsAtWhatItDoesNotKnow) {
  log_.Append(ItemRecord("outcome", /*type=*/1));
  log_.Append(ItemRecord("a"));
  Follow();
  ASSERT_TRUE(CatchUp());
  EXPECT_EQ(listener_.skus(), (Lines{"a"}));
  log_.Append(ItemRecord("b", /*type=*/1'000));
  EXPECT_FALSE(CatchUp());
  EXPECT_FALSE(CatchUp());
  EXPECT_TRUE(Reported("1000"));
  EXPECT_EQ(listener_.skus(), (Lines{"a"}));
}

TEST_F(CatalogFollowerTest, SaysSoWhenItCannotFindOut) {
  Follow();
  ASSERT_TRUE(CatchUp());
  log_.SetStatusAnswer({grpc::StatusCode::UNAVAILABLE, "not now"});
  EXPECT_FALSE(CatchUp());
  log_.SetStatusAnswer(grpc::Status::OK);
  // The head is known, but the stream breaks before it is there.
  log_.SetSending(false);
  log_.Append(ItemRecord("a"));
  std::future<bool> caught_up = Ask();
  while (caught_up.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
    log_.Break();
  }
  EXPECT_FALSE(caught_up.get());
  log_.SetSending(true);
  CatchUpSurely();
}

TEST_F(CatalogFollowerTest, StoppingAnswersWhoeverWaits) {
  log_.SetSending(false);
  log_.Append(ItemRecord("a"));
  CatalogFollowerOptions options;
  options.waiting_max = 3;
  Follow(std::move(options));
  std::vector<std::future<bool>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(Ask());
  // No more than that.
  EXPECT_FALSE(follower_->CatchUp([](bool) { FAIL(); }));
  follower_->Stop();
  for (std::future<bool>& one : waiting) EXPECT_FALSE(one.get());
  EXPECT_FALSE(follower_->CatchUp([](bool) { FAIL(); }));
}

}  // namespace
}  // namespace quartermaster::catalog
