// The feeds and the decision source against scripted peers over real gRPC.
#include "services/routing/rpc/grpc_feeds.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "quartermaster/log/v1/log.grpc.pb.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "quartermaster/orders/v1/orders.grpc.pb.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/mutex.h"
#include "services/routing/rpc/grpc_decision_source.h"
#include "services/routing/rpc/grpc_stock_news.h"

namespace quartermaster::routing {
namespace {

constexpr runtime::BackoffOptions kQuick{.first = Milliseconds(1), .longest = Milliseconds(4)};

// A shared list of lines that a test waits on.
class Transcript {
 public:
  void Add(const std::string& line) {
    MutexLock lock(&mutex_);
    lines_.push_back(line);
    changed_.NotifyAll();
  }
  // All lines, once there are `count` of them; what there is after 30 s.
  std::vector<std::string> WaitFor(size_t count) {
    MutexLock lock(&mutex_);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (lines_.size() < count && std::chrono::steady_clock::now() < deadline) {
      changed_.WaitFor(&mutex_, Milliseconds(100));
    }
    return lines_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

using Lines = std::vector<std::string>;

// Holds a stream open until its client is gone.
void WaitForCancel(grpc::ServerContext* context) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(&mutex);
  while (!context->IsCancelled()) never.WaitFor(&mutex, Milliseconds(5));
}

// One session after another; the last one stays open.
template <typename Request, typename Response>
class Script {
 public:
  struct Session {
    std::vector<Response> responses;
    grpc::Status status;
  };

  explicit Script(std::vector<Session> sessions) : sessions_(std::move(sessions)) {}

  grpc::Status Play(grpc::ServerContext* context, grpc::ServerWriter<Response>* writer) {
    size_t session = 0;
    {
      MutexLock lock(&mutex_);
      session = next_++;
    }
    if (session >= sessions_.size()) {
      WaitForCancel(context);
      return grpc::Status::CANCELLED;
    }
    for (const Response& response : sessions_[session].responses) writer->Write(response);
    if (session + 1 == sessions_.size()) WaitForCancel(context);
    return sessions_[session].status;
  }

 private:
  const std::vector<Session> sessions_;
  Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

class TestServer {
 public:
  explicit TestServer(grpc::Service* service) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    channel_ = NewChannel();
  }
  ~TestServer() { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5)); }
  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  // One that nobody else owns.
  std::shared_ptr<grpc::Channel> NewChannel() const {
    return grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
};

// "mug@A=3 cup@B=1 position current scratch"
class RecordingStockSink : public StockSink {
 public:
  explicit RecordingStockSink(Transcript* transcript) : transcript_(transcript) {}
  void OnStock(StockBatch batch) override {
    std::string line = "batch";
    for (const StockChange& change : batch.changes) {
      absl::StrAppend(&line, " ", change.sku, "@", change.location_id, "=", change.available);
    }
    absl::StrAppend(&line, " at ", batch.position, batch.current ? " current" : "",
                    batch.from_scratch ? " from scratch" : "");
    transcript_->Add(line);
  }

 private:
  Transcript* transcript_;
};

using WatchScript =
    Script<stock::v1::WatchAvailabilityRequest, stock::v1::WatchAvailabilityResponse>;

class FakeStock : public stock::v1::StockService::Service {
 public:
  FakeStock(std::vector<WatchScript::Session> sessions, Transcript* transcript)
      : script_(std::move(sessions)), transcript_(transcript) {}

  grpc::Status WatchAvailability(
      grpc::ServerContext* context, const stock::v1::WatchAvailabilityRequest* request,
      grpc::ServerWriter<stock::v1::WatchAvailabilityResponse>* writer) override {
    transcript_->Add("watch from '" + request->resume_position() + "'");
    EXPECT_EQ(request->keys_size(), 0);
    return script_.Play(context, writer);
  }

 private:
  WatchScript script_;
  Transcript* transcript_;
};

stock::v1::WatchAvailabilityResponse Update(const std::string& sku, int64_t available,
                                            const std::string& position, bool current = false) {
  stock::v1::WatchAvailabilityResponse response;
  auto* availability = response.add_availabilities();
  availability->mutable_key()->set_sku(sku);
  availability->mutable_key()->set_location_id("A");
  availability->set_available(available);
  // A pool's figure is none of routing's business.
  auto* pool = response.add_availabilities();
  pool->mutable_key()->set_sku(sku);
  pool->mutable_key()->set_pool_id("web");
  pool->set_available(99);
  response.set_position(position);
  response.set_current(current);
  return response;
}

TEST(GrpcStockFeed, ResumesWhereItWasOnceTheValuesAreComplete) {
  const grpc::Status broken(grpc::StatusCode::UNAVAILABLE, "gone");
  Transcript transcript;
  FakeStock stock(
      {
          // Breaks off before the values are complete: from scratch again.
          {{Update("mug", 1, "10")}, broken},
          {{Update("mug", 2, ""), Update("cup", 3, "12", true), Update("mug", 1, "14"),
            Update("cup", 4, "")},
           broken},
          // Resumed, and nothing had happened.
          {{}, broken},
          {{Update("mug", 0, "15", true)}, broken},
          {{Update("mug", 7, "20", true)}, broken},
      },
      &transcript);
  TestServer server(&stock);
  RecordingStockSink sink(&transcript);
  Transcript problems;
  const auto feed = NewGrpcStockFeed(
      server.channel(),
      {.backoff = kQuick, .on_problem = [&](const std::string& text) { problems.Add(text); }});
  feed->Start(&sink);
  EXPECT_EQ(transcript.WaitFor(12), (Lines{
                                        "watch from ''",
                                        "batch mug@A=1 at 10 from scratch",
                                        "watch from ''",
                                        "batch mug@A=2 at  from scratch",
                                        "batch cup@A=3 at 12 current",
                                        "batch mug@A=1 at 14",
                                        "batch cup@A=4 at ",
                                        "watch from '14'",
                                        "watch from '14'",
                                        "batch mug@A=0 at 15 current",
                                        "watch from '15'",
                                        "batch mug@A=7 at 20 current",
                                    }));
  feed->Stop();
  EXPECT_EQ(problems.WaitFor(4).size(), 4u);
  EXPECT_EQ(problems.WaitFor(1)[0], "the stock feed ended (code 14): gone");
}

// "mug@A=3", or the reason of an error.
std::string Describe(const StockNews::Result& result) {
  if (const auto* error = std::get_if<runtime::RpcError>(&result)) {
    return common::v1::ErrorReason_Name(error->reason());
  }
  std::string text;
  for (const StockChange& change : std::get<std::vector<StockChange>>(result)) {
    absl::StrAppend(&text, text.empty() ? "" : " ", change.sku, "@", change.location_id, "=",
                    change.available);
  }
  return text;
}

std::future<std::string> Ask(StockNews& news, const std::string& position) {
  auto answer = std::make_shared<std::promise<std::string>>();
  auto future = answer->get_future();
  news.Since(position,
             [answer](const StockNews::Result& result) { answer->set_value(Describe(result)); });
  return future;
}

std::string NewsSince(const std::shared_ptr<grpc::Channel>& channel, const std::string& position,
                      Micros timeout = Seconds(30)) {
  const auto news = NewGrpcStockNews(channel, timeout);
  return Ask(*news, position).get();
}

TEST(GrpcStockNews, IsWhatAWatchThatResumesSendsFirst) {
  const grpc::Status broken(grpc::StatusCode::UNAVAILABLE, "gone");
  stock::v1::WatchAvailabilityResponse nothing;
  nothing.set_current(true);
  WatchScript::Session too_much;
  for (int i = 0; i < 11; ++i) {
    auto& message = too_much.responses.emplace_back();
    for (int j = 0; j < 1'000; ++j) {
      message.add_availabilities()->mutable_key()->set_location_id("A");
    }
  }
  too_much.status = broken;
  Transcript transcript;
  FakeStock stock({{{Update("mug", 1, ""), Update("cup", 3, "12", true)}, broken},
                   {{nothing}, broken},
                   {{Update("mug", 1, "")}, broken},
                   too_much,
                   // Says nothing until it is left.
                   {{}, grpc::Status::OK}},
                  &transcript);
  TestServer server(&stock);
  EXPECT_EQ(NewsSince(server.channel(), "11"), "mug@A=1 cup@A=3");
  EXPECT_EQ(NewsSince(server.channel(), "12"), "");
  EXPECT_EQ(NewsSince(server.channel(), "12"), "PEER_UNAVAILABLE");
  EXPECT_EQ(NewsSince(server.channel(), "1"), "NOT_SERVING");
  EXPECT_EQ(NewsSince(server.channel(), "12", Milliseconds(50)), "PEER_UNAVAILABLE");
  EXPECT_EQ(transcript.WaitFor(5).front(), "watch from '11'");
}

TEST(GrpcStockNews, SaysWhenNobodyAnswers) {
  const auto nobody =
      grpc::CreateChannel("unix:/nonexistent/socket", grpc::InsecureChannelCredentials());
  EXPECT_EQ(NewsSince(nobody, "12"), "PEER_UNAVAILABLE");
}

// Answers its first watch with "mug@A=1", its second with "mug@A=2", ...: as many as may go on.
class CountingStock : public stock::v1::StockService::Service {
 public:
  explicit CountingStock(Transcript* transcript) : transcript_(transcript) {}

  // The first `count` watches may be answered.
  void Allow(int64_t count) {
    MutexLock lock(&mutex_);
    allowed_ = count;
    changed_.NotifyAll();
  }
  int64_t begun() {
    MutexLock lock(&mutex_);
    return begun_;
  }

  grpc::Status WatchAvailability(
      grpc::ServerContext* context, const stock::v1::WatchAvailabilityRequest* request,
      grpc::ServerWriter<stock::v1::WatchAvailabilityResponse>* writer) override {
    int64_t number = 0;
    {
      MutexLock lock(&mutex_);
      number = ++begun_;
      transcript_->Add("watch from '" + request->resume_position() + "'");
      while (number > allowed_ && !context->IsCancelled()) {
        changed_.WaitFor(&mutex_, Milliseconds(5));
      }
    }
    writer->Write(Update("mug", number, "12", true));
    WaitForCancel(context);
    return grpc::Status::CANCELLED;
  }

 private:
  Transcript* const transcript_;
  Mutex mutex_;
  CondVar changed_;
  int64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t allowed_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(GrpcStockNews, QuestionsShareTheNextWatch) {
  Transcript transcript;
  CountingStock stock(&transcript);
  TestServer server(&stock);
  const auto news = NewGrpcStockNews(server.NewChannel(), Seconds(30));
  std::future<std::string> first = Ask(*news, "50");
  transcript.WaitFor(1);
  std::vector<std::future<std::string>> second;
  for (int i = 0; i < 100; ++i) second.push_back(Ask(*news, absl::StrCat(101 - i)));
  stock.Allow(1);
  EXPECT_EQ(first.get(), "mug@A=1");
  EXPECT_EQ(transcript.WaitFor(2), (Lines{"watch from '50'", "watch from '2'"}));
  // Too late for the second one.
  std::future<std::string> third = Ask(*news, "60");
  stock.Allow(3);
  for (std::future<std::string>& answer : second) EXPECT_EQ(answer.get(), "mug@A=2");
  EXPECT_EQ(third.get(), "mug@A=3");
  EXPECT_EQ(stock.begun(), 3);
}

TEST(GrpcStockNews, AnAnswersWatchBeganAfterItsQuestion) {
  constexpr int kThreads = 4;
  constexpr int kQuestions = 50;
  Transcript transcript;
  CountingStock stock(&transcript);
  stock.Allow(kThreads * kQuestions);
  TestServer server(&stock);
  const auto news = NewGrpcStockNews(server.NewChannel(), Seconds(30));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kQuestions; ++i) {
        const int64_t begun = stock.begun();
        auto answered = std::make_shared<std::promise<int64_t>>();
        auto number = answered->get_future();
        news->Since("1", [answered](const StockNews::Result& result) {
          const auto* changes = std::get_if<std::vector<StockChange>>(&result);
          answered->set_value(changes == nullptr ? 0 : changes->at(0).available);
        });
        EXPECT_GT(number.get(), begun);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(GrpcStockNews, GoesWhileAWatchIsOpen) {
  Transcript transcript;
  CountingStock stock(&transcript);
  TestServer server(&stock);
  auto news = NewGrpcStockNews(server.NewChannel(), Seconds(30));
  std::future<std::string> open = Ask(*news, "1");
  transcript.WaitFor(1);
  std::future<std::string> waiting = Ask(*news, "1");
  news.reset();
  EXPECT_EQ(open.get(), "PEER_UNAVAILABLE");
  EXPECT_EQ(waiting.get(), "PEER_UNAVAILABLE");
  EXPECT_EQ(stock.begun(), 1);
}

// It goes while the watch's end is still on gRPC's thread: each time one of both is the channel's
// last owner, and it must be the one who destroys it.
TEST(GrpcStockNews, GoesAsSoonAsItHasAnswered) {
  constexpr int kTimes = 100;
  Transcript transcript;
  CountingStock stock(&transcript);
  stock.Allow(kTimes);
  TestServer server(&stock);
  for (int i = 1; i <= kTimes; ++i) {
    ASSERT_EQ(NewsSince(server.NewChannel(), "1"), absl::StrCat("mug@A=", i));
  }
}

TEST(GrpcStockFeed, StopsWhileNobodyAnswers) {
  // A port that nobody listens on any more.
  std::shared_ptr<grpc::Channel> channel;
  {
    Transcript transcript;
    FakeStock stock({}, &transcript);
    channel = TestServer(&stock).channel();
  }
  Transcript transcript;
  RecordingStockSink sink(&transcript);
  Transcript problems;
  const auto feed = NewGrpcStockFeed(
      channel,
      {.backoff = kQuick, .on_problem = [&](const std::string& text) { problems.Add(text); }});
  feed->Start(&sink);
  EXPECT_GE(problems.WaitFor(2).size(), 2u);
  feed->Stop();
  feed->Stop();
}

class RecordingNetworkSink : public NetworkSink {
 public:
  explicit RecordingNetworkSink(Transcript* transcript) : transcript_(transcript) {}
  void OnNetwork(NetworkBatch batch) override {
    std::string line = "batch";
    for (const NetworkChange& change : batch.changes) {
      if (const auto* item = std::get_if<ItemPut>(&change)) absl::StrAppend(&line, " ", item->sku);
      if (const auto* put = std::get_if<LocationPut>(&change)) {
        absl::StrAppend(&line, " ", put->location_id);
      }
      if (const auto* paused = std::get_if<LocationPaused>(&change)) {
        absl::StrAppend(&line, " ", paused->location_id, paused->paused ? " paused" : " resumed");
      }
    }
    transcript_->Add(line + (batch.current ? " current" : ""));
  }

 private:
  Transcript* transcript_;
};

using LogScript = Script<log::v1::SubscribeRequest, log::v1::SubscribeResponse>;

class FakeLog : public log::v1::LogReader::Service {
 public:
  FakeLog(int64_t head, std::vector<LogScript::Session> sessions, Transcript* transcript)
      : head_(head), script_(std::move(sessions)), transcript_(transcript) {}

  grpc::Status GetStatus(grpc::ServerContext*, const log::v1::GetStatusRequest*,
                         log::v1::GetStatusResponse* response) override {
    // At first there is no catalog.
    if (asked_++ == 0) return grpc::Status::OK;
    auto* other = response->add_partitions();
    other->set_partition("stock/0");
    other->set_head(1'000);
    auto* catalog = response->add_partitions();
    catalog->set_partition("catalog/0");
    catalog->set_head(head_);
    return grpc::Status::OK;
  }

  grpc::Status Subscribe(grpc::ServerContext* context, const log::v1::SubscribeRequest* request,
                         grpc::ServerWriter<log::v1::SubscribeResponse>* writer) override {
    EXPECT_EQ(request->partition(), "catalog/0");
    transcript_->Add(absl::StrCat("subscribe from ", request->from_position()));
    return script_.Play(context, writer);
  }

 private:
  const int64_t head_;
  int asked_ = 0;
  LogScript script_;
  Transcript* transcript_;
};

log::v1::SubscribeResponse Items(int64_t first, std::vector<std::string> skus, int type = 2) {
  log::v1::SubscribeResponse response;
  for (const std::string& sku : skus) {
    catalog::events::v1::ItemPut item;
    item.set_sku(sku);
    log::v1::Record& record = *response.add_records();
    record.set_position(first++);
    record.set_type(type);
    record.set_version(1);
    record.set_payload(item.SerializeAsString());
  }
  return response;
}

TEST(GrpcNetworkFeed, FollowsTheCatalogsLogAndResumes) {
  const grpc::Status broken(grpc::StatusCode::UNAVAILABLE, "gone");
  Transcript transcript;
  FakeLog log(3,
              {
                  {{Items(1, {"a", "b"})}, broken},
                  {{Items(3, {"c", "d"}), Items(5, {"e"})}, broken},
                  // A record of a newer catalog: what came before it is taken, it is not.
                  {{Items(6, {"f"}), Items(7, {"g"}, 1'000)}, broken},
                  {{Items(7, {"h"})}, broken},
              },
              &transcript);
  TestServer server(&log);
  RecordingNetworkSink sink(&transcript);
  Transcript problems;
  const auto feed = NewGrpcNetworkFeed(
      server.channel(),
      {.backoff = kQuick, .on_problem = [&](const std::string& text) { problems.Add(text); }});
  feed->Start(&sink);
  EXPECT_EQ(transcript.WaitFor(9), (Lines{
                                       "subscribe from 1",
                                       "batch a b",
                                       "subscribe from 3",
                                       "batch c d current",
                                       "batch e",
                                       "subscribe from 6",
                                       "batch f",
                                       "subscribe from 7",
                                       "batch h",
                                   }));
  feed->Stop();
  const Lines reported = problems.WaitFor(4);
  ASSERT_EQ(reported.size(), 4u);
  EXPECT_EQ(reported[0], "the catalog feed ended (code 5): the catalog has no log yet");
  EXPECT_EQ(reported[3],
            "the catalog feed ended (code 13): the catalog's record type 1000 version 1 is not "
            "known to this binary");
}

TEST(GrpcNetworkFeed, AnEmptyCatalogIsCurrent) {
  Transcript transcript;
  FakeLog log(0, {}, &transcript);
  TestServer server(&log);
  RecordingNetworkSink sink(&transcript);
  const auto feed = NewGrpcNetworkFeed(server.channel(), {.backoff = kQuick});
  feed->Start(&sink);
  EXPECT_EQ(transcript.WaitFor(2), (Lines{"batch current", "subscribe from 1"}));
}

class FakeOrders : public orders::v1::OrderService::Service {
 public:
  grpc::Status GetOrderHistory(grpc::ServerContext*,
                               const orders::v1::GetOrderHistoryRequest* request,
                               orders::v1::GetOrderHistoryResponse* response) override {
    if (request->order_id() == "gone") return {grpc::StatusCode::UNAVAILABLE, "gone"};
    response->add_events()->set_type("OrderPlaced");
    if (request->order_id() == "unrouted") return grpc::Status::OK;
    // A history of two pages.
    const bool first = request->page_token().empty();
    if (first) response->set_next_page_token("more");
    for (const int attempt : {first ? 1 : 2}) {
      v1::Plan plan;
      plan.mutable_explanation()->set_stock_position(absl::StrCat("at ", attempt));
      orders::events::v1::OrderRouted routed;
      routed.set_order_id(request->order_id());
      routed.set_attempt(attempt);
      routed.set_plan(plan.SerializeAsString());
      orders::v1::OrderEvent& event = *response->add_events();
      event.set_type("OrderRouted");
      EXPECT_TRUE(
          google::protobuf::util::MessageToJsonString(routed, event.mutable_detail_json()).ok());
      if (request->order_id() == "garbled") event.set_detail_json("{");
    }
    return grpc::Status::OK;
  }
};

TEST(GrpcDecisionSource, FindsAnAttemptsDecisionInTheHistory) {
  FakeOrders orders;
  TestServer server(&orders);
  const auto source = NewGrpcDecisionSource(server.channel(), Seconds(30));
  const auto get = [&](const std::string& order_id, int attempt) {
    std::promise<std::string> promise;
    source->GetDecision(order_id, attempt, [&](DecisionSource::Result result) {
      if (const auto* error = std::get_if<runtime::RpcError>(&result)) {
        promise.set_value(common::v1::ErrorReason_Name(error->reason()));
        return;
      }
      const auto& decision = std::get<v1::Decision>(result);
      promise.set_value(absl::StrCat(decision.order_id(), " ", decision.attempt(), " ",
                                     decision.plan().explanation().stock_position()));
    });
    return promise.get_future().get();
  };
  EXPECT_EQ(get("o", 0), "o 2 at 2");
  EXPECT_EQ(get("o", 1), "o 1 at 1");
  EXPECT_EQ(get("o", 3), "DECISION_NOT_FOUND");
  EXPECT_EQ(get("unrouted", 0), "DECISION_NOT_FOUND");
  EXPECT_EQ(get("garbled", 0), "INTERNAL_DEFECT");
  EXPECT_EQ(get("gone", 0), "PEER_UNAVAILABLE");
}

}  // namespace
}  // namespace quartermaster::routing
