// WatchOrders over real gRPC.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/orders/rpc/order_service_fixture.h"

namespace quartermaster::orders {
namespace {

class WatchOrdersTest : public OrderServiceTest {
 protected:
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchOrdersResponse>> reader;
  };
  std::unique_ptr<Stream> Watch(const std::string& resume_position) {
    auto stream = std::make_unique<Stream>();
    stream->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::WatchOrdersRequest request;
    request.set_resume_position(resume_position);
    stream->reader = stub_->WatchOrders(&stream->context, request);
    return stream;
  }
  // Reads until an event of this type has come; everything that came.
  std::vector<v1::OrderEvent> ReadUntil(Stream& stream, const std::string& type) {
    std::vector<v1::OrderEvent> events;
    v1::WatchOrdersResponse response;
    while (stream.reader->Read(&response)) {
      bool found = false;
      for (const v1::OrderEvent& event : response.events()) {
        events.push_back(event);
        found = found || event.type() == type;
      }
      if (found) return events;
    }
    ADD_FAILURE() << "the stream ended: " << Describe(stream.reader->Finish());
    return events;
  }
};

TEST_F(WatchOrdersTest, SendsEverythingFromTheFirstEventAndGoesOn) {
  Place(Order("p1", "tea", 1));
  auto stream = Watch("0");
  const auto first = ReadUntil(*stream, "TaskCreated");
  ASSERT_GE(first.size(), 4u);
  EXPECT_EQ(first[0].type(), "OrderPlaced");
  const std::string second_id = Place(Order("p2", "tea", 1));
  const auto second = ReadUntil(*stream, "TaskCreated");
  EXPECT_EQ(second[0].order_id(), second_id);
  int64_t last = 0;
  for (const auto* events : {&first, &second}) {
    for (const v1::OrderEvent& event : *events) {
      const int64_t position = std::stoll(event.position());
      EXPECT_GT(position, last);
      last = position;
    }
  }
  stream->context.TryCancel();
  stream->reader->Finish();
}

TEST_F(WatchOrdersTest, ResumesBehindAPosition) {
  Place(Order("p1", "tea", 1));
  auto stream = Watch("0");
  const auto all = ReadUntil(*stream, "TaskCreated");
  stream->context.TryCancel();
  auto resumed = Watch(all[1].position());
  const auto rest = ReadUntil(*resumed, "TaskCreated");
  ASSERT_EQ(rest.size(), all.size() - 2);
  EXPECT_EQ(rest[0].position(), all[2].position());
  resumed->context.TryCancel();
}

TEST_F(WatchOrdersTest, RefusesPositionsThatAreNone) {
  for (const auto& [position, answer] : std::vector<std::pair<std::string, std::string>>{
           {"junk", "INVALID_FIELD resume_position"},
           {"-1", "INVALID_FIELD resume_position"},
           {"99999999999999999999", "INVALID_FIELD resume_position"},
           {"1000", "POSITION_OUT_OF_RANGE"}}) {
    auto stream = Watch(position);
    v1::WatchOrdersResponse response;
    EXPECT_FALSE(stream->reader->Read(&response));
    EXPECT_EQ(Describe(stream->reader->Finish()), answer) << position;
  }
}

TEST_F(WatchOrdersTest, ADrainEndsStreamsAndSaysWhereToResume) {
  Place(Order("p1", "tea", 1));
  auto stream = Watch("0");
  ReadUntil(*stream, "TaskCreated");
  server_->Drain();
  v1::WatchOrdersResponse response;
  while (stream->reader->Read(&response)) {
  }
  const grpc::Status status = stream->reader->Finish();
  ASSERT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  const runtime::RpcError error = runtime::FromGrpcStatus(status);
  ASSERT_EQ(error.details().metadata.size(), 1u);
  EXPECT_EQ(error.details().metadata[0].first, "resume");
}

TEST_F(WatchOrdersTest, ManyWatchersAndOneThatLeavesGetAllOfIt) {
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 20; ++i) streams.push_back(Watch("0"));
  streams[7]->context.TryCancel();
  Place(Order("p1", "tea", 1));
  for (size_t i = 0; i < streams.size(); ++i) {
    if (i == 7) continue;
    EXPECT_GE(ReadUntil(*streams[i], "TaskCreated").size(), 4u);
  }
  for (auto& stream : streams) stream->context.TryCancel();
}

}  // namespace
}  // namespace quartermaster::orders
