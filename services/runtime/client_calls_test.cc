// A process whose only channel comes and goes, with calls in every stage.
#include "services/runtime/client_calls.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"

namespace quartermaster::runtime {
namespace {

namespace pb = catalog::v1;

// Echoes the SKU, but for "hang": that is answered when it is cancelled.
class Catalog : public pb::CatalogService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetItem(grpc::CallbackServerContext* context,
                                    const pb::GetItemRequest* request,
                                    pb::Item* response) override {
    if (request->sku() == "hang") {
      hangs_.set_value();
      return new HangingReactor;
    }
    response->set_sku(request->sku());
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  // Ready when a "hang" is here; for one only.
  std::future<void> Hangs() { return hangs_.get_future(); }

 private:
  class HangingReactor : public grpc::ServerUnaryReactor {
   public:
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }
  };
  std::promise<void> hangs_;
};

class Client {
 public:
  explicit Client(const std::string& address)
      : stub_(pb::CatalogService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {}

  void Get(const std::string& sku, ClientCalls::Done<pb::Item> done) {
    pb::GetItemRequest request;
    request.set_sku(sku);
    pb::CatalogService::StubInterface::async_interface* const async = stub_->async();
    calls_.Start(async, &pb::CatalogService::StubInterface::async_interface::GetItem, Seconds(30),
                 std::move(request), std::move(done));
  }

 private:
  const std::unique_ptr<pb::CatalogService::Stub> stub_;
  ClientCalls calls_;
};

class ClientCallsTest : public testing::Test {
 protected:
  ClientCallsTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&catalog_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }

  Catalog catalog_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// The client goes while the completion is still on gRPC's thread: each time one of both is the
// channel's last owner, and it must be the client.
TEST_F(ClientCallsTest, AClientMayGoAsSoonAsItHasItsAnswer) {
  for (int i = 0; i < 200; ++i) {
    std::promise<std::string> got;
    auto client = std::make_unique<Client>(address_);
    client->Get("tea", [&got](const grpc::Status& status, pb::Item& item) {
      got.set_value(status.ok() ? item.sku() : status.error_message());
    });
    ASSERT_EQ(got.get_future().get(), "tea");
    client.reset();
  }
}

TEST_F(ClientCallsTest, WhatIsUnderWayEndsWithTheClient) {
  auto hangs = catalog_.Hangs();
  auto client = std::make_unique<Client>(address_);
  Client* const going = client.get();
  std::promise<grpc::StatusCode> ended;
  client->Get("hang", [&ended, going](const grpc::Status& status, pb::Item&) {
    // Too late for another one: it is answered here and now.
    grpc::Status again;
    going->Get("tea", [&again](const grpc::Status& last, pb::Item&) { again = last; });
    EXPECT_EQ(again.error_code(), grpc::StatusCode::CANCELLED);
    ended.set_value(status.error_code());
  });
  hangs.get();
  client.reset();
  EXPECT_EQ(ended.get_future().get(), grpc::StatusCode::CANCELLED);
}

TEST_F(ClientCallsTest, ACallbackMayGoOn) {
  Client client(address_);
  std::promise<std::string> got;
  client.Get("tea", [&](const grpc::Status&, pb::Item& first) {
    client.Get(first.sku() + "s",
               [&got](const grpc::Status&, pb::Item& second) { got.set_value(second.sku()); });
  });
  EXPECT_EQ(got.get_future().get(), "teas");
}

}  // namespace
}  // namespace quartermaster::runtime
