// BatchReserve, ReserveStream and WatchAvailability.
#include <map>
#include <optional>

#include "services/stock/rpc/test_server.h"

namespace quartermaster::stock {
namespace {

class StreamTest : public StockServiceTest {
 protected:
  StreamTest() { Receive("A", "S1", 10); }
};

TEST_F(StreamTest, ABatchAnswersEachHoldForItself) {
  v1::BatchReserveRequest batch;
  *batch.add_requests() = HoldOf("a", "A", 8, "S1");
  *batch.add_requests() = HoldOf("b", "A", 3, "S1");
  *batch.add_requests() = HoldOf("c", "A", 0, "S1");
  *batch.add_requests() = HoldOf("d", "A", 2, "S1");
  *batch.add_requests() = batch.requests(0);  // a retry, in the same message
  const v1::BatchReserveResponse answer = Get(&Stub::BatchReserve, batch);
  ASSERT_EQ(answer.results_size(), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(answer.results(i).request_id(), batch.requests(i).request_id());
  }
  EXPECT_TRUE(answer.results(0).has_response());
  EXPECT_EQ(Describe(answer.results(1).error()), "INSUFFICIENT_STOCK");
  EXPECT_EQ(Describe(answer.results(2).error()), "INVALID_FIELD lines[0].quantity");
  EXPECT_TRUE(answer.results(3).has_response());
  EXPECT_EQ(answer.results(4).SerializeAsString(), answer.results(0).SerializeAsString());
  EXPECT_EQ(Availability("A", "S1").available(), 0);
  // The whole message is refused only for its size.
  batch.Clear();
  EXPECT_EQ(Call(&Stub::BatchReserve, batch), "INVALID_FIELD requests");
  for (int i = 0; i < 3; ++i) {
    v1::ReserveRequest& request = *batch.add_requests() = HoldOf("a", "A", 1, "S1");
    while (request.lines_size() < 700) *request.add_lines() = request.lines(0);
  }
  EXPECT_EQ(Call(&Stub::BatchReserve, batch), "INVALID_FIELD requests");
}

TEST_F(StreamTest, AStreamAnswersInOrderAndGoesOnAfterARefusal) {
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub_->ReserveStream(&context);
  constexpr int kHolds = 3'000;  // more than may be under way at once
  int written = 0;
  int read = 0;
  v1::ReserveResult result;
  const auto read_one = [&] {
    ASSERT_TRUE(stream->Read(&result));
    EXPECT_EQ(result.request_id(), absl::StrCat("s", read));
    // Every third is malformed; of the others, the first ten get a unit each.
    if (read % 3 == 2) {
      EXPECT_EQ(Describe(result.error()), "INVALID_FIELD lines[0].quantity");
    } else if (read < 15) {
      EXPECT_TRUE(result.has_response()) << read;
    } else {
      EXPECT_EQ(Describe(result.error()), "INSUFFICIENT_STOCK");
    }
    ++read;
  };
  for (; written < kHolds; ++written) {
    v1::ReserveRequest request = HoldOf(absl::StrCat("o", written), "A", 1, "S1");
    request.set_request_id(absl::StrCat("s", written));
    if (written % 3 == 2) request.mutable_lines(0)->set_quantity(0);
    ASSERT_TRUE(stream->Write(request));
    if (written >= 500) read_one();
    if (HasFatalFailure()) return;
  }
  // Half-closed: what is under way is still answered.
  EXPECT_TRUE(stream->WritesDone());
  while (read < written && !HasFatalFailure()) read_one();
  EXPECT_FALSE(stream->Read(&result));
  EXPECT_EQ(Describe(stream->Finish()), "OK");
  EXPECT_EQ(Availability("A", "S1").reserved(), 10);
}

TEST_F(StreamTest, AStreamGoesOnAfterMoreBytesThanMayBeUnderWay) {
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub_->ReserveStream(&context);
  constexpr int kHolds = 60;
  constexpr int kLines = 2'000;
  v1::ReserveRequest large = HoldOf("", "A", 1, "S1");
  for (int i = 1; i < kLines; ++i) *large.add_lines() = large.lines(0);
  for (int i = 0; i < kLines; ++i)
    large.mutable_lines(i)->set_line_id(absl::StrCat(std::string(50, 'l'), i));
  ASSERT_GT(kHolds * large.ByteSizeLong(), 6u << 20);
  std::thread reader([&] {
    v1::ReserveResult result;
    for (int i = 0; i < kHolds; ++i) {
      ASSERT_TRUE(stream->Read(&result));
      EXPECT_EQ(result.request_id(), absl::StrCat("large", i));
      EXPECT_EQ(Describe(result.error()), "INSUFFICIENT_STOCK");
    }
    EXPECT_FALSE(stream->Read(&result));
  });
  for (int i = 0; i < kHolds; ++i) {
    large.set_request_id(absl::StrCat("large", i));
    large.set_owner_id(large.request_id());
    EXPECT_TRUE(stream->Write(large));
  }
  EXPECT_TRUE(stream->WritesDone());
  reader.join();
  EXPECT_EQ(Describe(stream->Finish()), "OK");
}

TEST_F(StreamTest, AClientThatGoesAwayLeavesNothingBehind) {
  for (int round = 0; round < 20; ++round) {
    grpc::ClientContext context;
    SetDeadline(context);
    const auto stream = stub_->ReserveStream(&context);
    for (int i = 0; i < 50; ++i) {
      if (!stream->Write(HoldOf("gone", "A", 1, "S1"))) break;
    }
    v1::ReserveResult result;
    EXPECT_TRUE(stream->Read(&result));
    context.TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }
  // The same owner's holds took each other's place: one is left.
  EXPECT_EQ(Availability("A", "S1").reserved(), 1);
}

// What a watcher knows, and how it learns of it.
class Watcher {
 public:
  Watcher(v1::StockService::Stub& stub, const v1::WatchAvailabilityRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    reader_ = stub.WatchAvailability(&context_, request);
  }
  ~Watcher() {
    context_.TryCancel();
    if (!finished_) reader_->Finish();
  }
  // False when the stream has ended.
  bool Read() {
    if (!reader_->Read(&message)) return false;
    for (const v1::Availability& a : message.availabilities()) {
      known[absl::StrCat(a.key().sku(), "@", a.key().location_id(), a.key().pool_id())] =
          a.available();
    }
    if (!message.position().empty()) position = message.position();
    return true;
  }
  void ReadUntilCurrent() {
    while (Read() && !message.current()) {
    }
  }
  // Reads on until the position is at least this one.
  void ReadTo(storage::Position wanted) {
    while (std::atoll(position.c_str()) < wanted && Read()) {
    }
  }
  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }

  v1::WatchAvailabilityResponse message;
  std::map<std::string, int64_t> known;
  std::string position;

 private:
  grpc::ClientContext context_;
  bool finished_ = false;
  std::unique_ptr<grpc::ClientReader<v1::WatchAvailabilityResponse>> reader_;
};

TEST_F(StreamTest, AWatchSendsCurrentValuesThenChangesAndResumes) {
  Receive("A", "S2", 1);
  SetPool("web", {"S1", "S2"});
  v1::WatchAvailabilityRequest request;
  request.add_keys()->set_sku("A");
  request.mutable_keys(0)->set_location_id("S1");
  request.add_keys()->set_sku("A");
  request.mutable_keys(1)->set_pool_id("web");
  std::string seen;
  {
    Watcher watcher(*stub_, request);
    watcher.ReadUntilCurrent();
    EXPECT_EQ(watcher.known, (std::map<std::string, int64_t>{{"A@S1", 10}, {"A@web", 11}}));
    EXPECT_EQ(watcher.position, absl::StrCat(head()));
    Hold("cart", "A", 4, "S1");
    ASSERT_TRUE(watcher.Read());
    EXPECT_FALSE(watcher.message.current());
    watcher.ReadTo(head());
    EXPECT_EQ(watcher.known, (std::map<std::string, int64_t>{{"A@S1", 6}, {"A@web", 7}}));
    seen = watcher.position;
  }
  Receive("A", "S2", 5);
  request.set_resume_position(seen);
  Watcher again(*stub_, request);
  again.ReadUntilCurrent();
  EXPECT_EQ(again.known, (std::map<std::string, int64_t>{{"A@web", 12}}));
  // Everything, without keys.
  Watcher all(*stub_, {});
  all.ReadUntilCurrent();
  EXPECT_EQ(all.known, (std::map<std::string, int64_t>{{"A@S1", 6}, {"A@S2", 6}}));
}

TEST_F(StreamTest, AWatchOfWhatIsNotThereEndsAtOnce) {
  const auto refused = [&](const v1::WatchAvailabilityRequest& request) {
    Watcher watcher(*stub_, request);
    EXPECT_FALSE(watcher.Read());
    return Describe(watcher.Finish());
  };
  v1::WatchAvailabilityRequest request;
  request.set_resume_position("yesterday");
  EXPECT_EQ(refused(request), "INVALID_FIELD resume_position");
  request.Clear();
  request.add_keys()->set_sku("A");
  EXPECT_EQ(refused(request), "INVALID_FIELD keys[0].place");
  request.mutable_keys(0)->set_location_id("S9");
  EXPECT_EQ(refused(request), "LOCATION_NOT_FOUND keys[0]");
}

TEST_F(StreamTest, ADrainEndsOpenStreams) {
  Watcher watcher(*stub_, {});
  watcher.ReadUntilCurrent();
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub_->ReserveStream(&context);
  ASSERT_TRUE(stream->Write(HoldOf("cart", "A", 1, "S1")));
  v1::ReserveResult result;
  ASSERT_TRUE(stream->Read(&result));
  rpc_->EndStreams();
  EXPECT_FALSE(stream->Read(&result));
  EXPECT_EQ(Describe(stream->Finish()), "NOT_SERVING");
  while (watcher.Read()) {
  }
  EXPECT_EQ(Describe(watcher.Finish()), "NOT_SERVING");
  Watcher late(*stub_, {});
  EXPECT_FALSE(late.Read());
  EXPECT_EQ(Describe(late.Finish()), "NOT_SERVING");
}

}  // namespace
}  // namespace quartermaster::stock
