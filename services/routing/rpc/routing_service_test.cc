// RoutingService over a real gRPC server: what a client sees.
#include "services/routing/rpc/routing_service.h"

#include <google/protobuf/text_format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "quartermaster/routing/v1/routing.grpc.pb.h"
#include "services/routing/app/decision_source.h"
#include "services/routing/app/router.h"
#include "services/routing/app/stock_news.h"

namespace quartermaster::routing {
namespace {

using Stub = v1::RoutingService::Stub;

// "REASON field, field | short line sku asked/available@location" or "OK".
std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  google::rpc::Status rich;
  if (status.error_details().empty() || !rich.ParseFromString(status.error_details())) {
    return absl::StrCat("code ", static_cast<int>(status.error_code()));
  }
  std::string text;
  std::string more;
  for (const auto& detail : rich.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) text = info.reason();
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        absl::StrAppend(&more, more.empty() ? " " : ", ", violation.field());
      }
    }
    google::rpc::ResourceInfo resource;
    if (detail.UnpackTo(&resource)) absl::StrAppend(&more, " ", resource.resource_name());
    common::v1::InsufficientStock shortage;
    if (detail.UnpackTo(&shortage)) {
      for (const auto& line : shortage.lines()) {
        absl::StrAppend(&more, " | short ", line.line_id(), " ", line.sku(), " ", line.asked(), "/",
                        line.available(), "@", line.location_id());
      }
    }
  }
  return text + more;
}

class FakeDecisions : public DecisionSource {
 public:
  void GetDecision(std::string order_id, int32_t attempt,
                   absl::AnyInvocable<void(Result)> done) override {
    if (order_id != "o") {
      done(runtime::NotFound(common::v1::ORDER_NOT_FOUND, "order", order_id));
      return;
    }
    v1::Decision decision;
    decision.set_order_id(order_id);
    decision.set_attempt(attempt == 0 ? 4 : attempt);
    done(std::move(decision));
  }
};

// What a test says that stock has changed.
class FakeNews : public StockNews {
 public:
  void Since(std::string position, Done done) override {
    asked.push_back(std::move(position));
    done(answer);
  }

  std::vector<std::string> asked;
  Result answer;
};

class RoutingServiceTest : public testing::Test {
 protected:
  RoutingServiceTest() : service_(NewRoutingService(&router_, &decisions_, &news_)) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::RoutingService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }

  ~RoutingServiceTest() override {
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  }

  void Load() {
    const auto location = [](const std::string& id, double latitude, CapabilitySet capabilities) {
      return LocationPut{id, {.point = {latitude, 23.6}, .capabilities = capabilities}};
    };
    router_.OnNetwork(
        {{ItemPut{"mug"}, ItemPut{"cup"},
          location("near", 46.9, {Capability::kShip, Capability::kPickup, Capability::kReturn}),
          location("far", 50, {Capability::kShip, Capability::kTill})},
         true});
    router_.OnStock({{{"mug", "near", 2}, {"mug", "far", 5}, {"cup", "far", 1}}, "41", true, true});
  }

  template <typename Request, typename Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return Describe((stub_.get()->*method)(&context, request, response));
  }

  // Requests in protobuf's text form.
  template <typename Request, typename Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const std::string& text) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    Response response;
    const std::string status = Call(method, request, &response);
    return status == "OK" ? response.ShortDebugString() : status;
  }

  std::string Plan(const std::string& text) { return Call(&Stub::PlanOrder, text); }

  Router router_;
  FakeDecisions decisions_;
  FakeNews news_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Stub> stub_;
};

constexpr char kHere[] = "destination { latitude: 46.8 longitude: 23.6 }";

std::string ShipGroup(const std::string& lines) {
  return absl::StrCat("groups { method: SHIP ", kHere, " ", lines, " }");
}

TEST_F(RoutingServiceTest, DoesNotServeBeforeItsFeedsAreCurrent) {
  EXPECT_EQ(Plan(ShipGroup("lines { sku: 'mug' quantity: 1 }")), "NOT_SERVING");
  EXPECT_EQ(Call(&Stub::FindNearest, "point {}"), "NOT_SERVING");
  EXPECT_EQ(Call(&Stub::RouteReturn, "sku: 'mug' location_id: 'near'"), "NOT_SERVING");
  EXPECT_EQ(Call(&Stub::GetDecision, "order_id: 'o'"), "order_id: \"o\" attempt: 4");
  Load();
  EXPECT_EQ(Call(&Stub::RouteReturn, "sku: 'mug' location_id: 'near' sellable: true"),
            "disposition: RESTOCK_HERE reason: \"SELLABLE\"");
}

TEST_F(RoutingServiceTest, PlansAndExplains) {
  Load();
  v1::PlanOrderRequest request;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      ShipGroup("group_id: 'g' lines { sku: 'mug' quantity: 2 }"), &request));
  v1::Plan plan;
  ASSERT_EQ(Call(&Stub::PlanOrder, request, &plan), "OK");
  EXPECT_EQ(plan.ShortDebugString(),
            "assignments { group_id: \"g\" line_id: \"0\" sku: \"mug\" location_id: \"near\" "
            "quantity: 2 distance_km: 11.12 } "
            "explanation { strategy: \"default@1\" groups { group_id: \"g\" method: SHIP "
            "candidates { location_id: \"near\" fate: CHOSEN distance_km: 11.12 lines_covered: 1 "
            "units: 2 } candidates { location_id: \"far\" fate: OUTRANKED distance_km: 355.824 "
            "lines_covered: 1 } parcels: 1 } stock_position: \"41\" }");
}

TEST_F(RoutingServiceTest, RefusesWithTheShortLines) {
  Load();
  EXPECT_EQ(Plan(ShipGroup("lines { sku: 'mug' quantity: 8 } lines { sku: 'cup' quantity: 1 }")),
            "NO_PLAN | short 0 mug 8/7@");
  EXPECT_EQ(Plan(ShipGroup("lines { sku: 'jar' quantity: 1 }")), "ITEM_NOT_FOUND jar");
  const std::string lines = "lines { sku: 'mug' quantity: 3 }";
  EXPECT_EQ(Plan("groups { method: PICKUP location_id: 'x' " + lines + " }"),
            "LOCATION_NOT_FOUND x");
  EXPECT_EQ(Plan("groups { method: PICKUP location_id: 'far' " + lines + " }"),
            "LOCATION_NOT_ELIGIBLE far");
  EXPECT_EQ(Plan("groups { method: PICKUP location_id: 'near' " + lines + " }"),
            "NO_PLAN | short 0 mug 3/2@near");
  v1::PlanOrderRequest partial;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "allow_partial: true groups { method: CARRY_OUT location_id: 'far' "
      "lines { sku: 'cup' quantity: 3 } }",
      &partial));
  v1::Plan plan;
  ASSERT_EQ(Call(&Stub::PlanOrder, partial, &plan), "OK");
  EXPECT_EQ(plan.assignments(0).quantity(), 1);
  EXPECT_EQ(plan.short_lines(0).ShortDebugString(),
            "line_id: \"0\" sku: \"cup\" location_id: \"far\" asked: 3 available: 1");
}

TEST_F(RoutingServiceTest, APlanThatIsShortIsMadeAgainWithStocksNews) {
  Load();
  const std::string eight = ShipGroup("lines { sku: 'mug' quantity: 8 }");
  ASSERT_THAT(Plan(ShipGroup("lines { sku: 'mug' quantity: 7 }")),
              testing::StartsWith("assignments"));
  EXPECT_TRUE(news_.asked.empty()) << "nothing was short";

  // What does not concern it changes nothing.
  news_.answer = std::vector<StockChange>{{"cup", "far", 9}};
  EXPECT_EQ(Plan(eight), "NO_PLAN | short 0 mug 8/7@");
  EXPECT_EQ(news_.asked, std::vector<std::string>{"41"});
  // Nor do units that are gone.
  news_.answer = std::vector<StockChange>{{"mug", "near", 0}};
  EXPECT_EQ(Plan(eight), "NO_PLAN | short 0 mug 8/5@");

  news_.answer = std::vector<StockChange>{{"mug", "near", 9}, {"mug", "near", 8}};
  EXPECT_THAT(Plan(eight), testing::StartsWith("assignments"));
  EXPECT_THAT(Plan("allow_partial: true " + eight), testing::Not(testing::HasSubstr("short")));

  // Nobody is refused for what could not be asked.
  news_.answer = runtime::PeerUnavailable("stock");
  EXPECT_EQ(Plan(eight), "PEER_UNAVAILABLE");
  EXPECT_EQ(Plan("allow_partial: true " + eight), "PEER_UNAVAILABLE");
  EXPECT_EQ(Plan(ShipGroup("lines { sku: 'jar' quantity: 1 }")), "ITEM_NOT_FOUND jar");
}

TEST_F(RoutingServiceTest, LinesWithoutIdsAreCountedOverAllGroups) {
  Load();
  v1::PlanOrderRequest request;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      ShipGroup("lines { sku: 'mug' quantity: 1 }") + ShipGroup("lines { sku: 'mug' quantity: 1 }"),
      &request));
  v1::Plan plan;
  ASSERT_EQ(Call(&Stub::PlanOrder, request, &plan), "OK");
  ASSERT_EQ(plan.assignments_size(), 2);
  EXPECT_EQ(plan.assignments(1).group_id(), "1");
  EXPECT_EQ(plan.assignments(1).line_id(), "1");
}

TEST_F(RoutingServiceTest, FindsTheNearest) {
  Load();
  EXPECT_EQ(Call(&Stub::FindNearest, "point { latitude: 46.8 longitude: 23.6 } capability: SHIP"),
            "results { location_id: \"near\" distance_km: 11.12 } "
            "results { location_id: \"far\" distance_km: 355.824 }");
  EXPECT_EQ(Call(&Stub::FindNearest,
                 "point { latitude: 46.8 longitude: 23.6 } lines { sku: 'mug' quantity: 3 }"),
            "results { location_id: \"far\" distance_km: 355.824 }");
  EXPECT_EQ(
      Call(&Stub::FindNearest, "point { latitude: 46.8 longitude: 23.6 } max_distance_km: 11.12"),
      "results { location_id: \"near\" distance_km: 11.12 }");
  EXPECT_EQ(Call(&Stub::FindNearest, "point {} capability: SHIP max_distance_km: 0.5"), "");
}

TEST_F(RoutingServiceTest, RoutesReturnsAndReadsDecisions) {
  Load();
  EXPECT_EQ(Call(&Stub::RouteReturn, "sku: 'mug' location_id: 'near'"),
            "disposition: INSPECT reason: \"NOT_SELLABLE\"");
  EXPECT_EQ(Call(&Stub::RouteReturn, "sku: 'mug' location_id: 'far' sellable: true"),
            "disposition: INSPECT reason: \"NO_RETURN_CAPABILITY\"");
  EXPECT_EQ(Call(&Stub::RouteReturn, "sku: 'jar' location_id: 'far'"), "ITEM_NOT_FOUND jar");
  EXPECT_EQ(Call(&Stub::RouteReturn, "sku: 'mug' location_id: 'x'"), "LOCATION_NOT_FOUND x");
  EXPECT_EQ(Call(&Stub::GetDecision, "order_id: 'o' attempt: 2"), "order_id: \"o\" attempt: 2");
  EXPECT_EQ(Call(&Stub::GetDecision, "order_id: 'p'"), "ORDER_NOT_FOUND p");
}

TEST_F(RoutingServiceTest, NamesTheFieldThatIsWrong) {
  Load();
  const std::string line = "lines { sku: 'mug' quantity: 1 }";
  const std::string long_id(65, 'x');
  struct Case {
    std::string request;
    std::string error;
  };
  std::string many_lines;
  for (int i = 0; i < 2'001; ++i) many_lines += line;
  std::string many_groups;
  for (int i = 0; i < 101; ++i) many_groups += ShipGroup(line);
  const std::vector<Case> cases = {
      {"", "groups"},
      {many_groups, "groups"},
      {ShipGroup(""), "groups[0].lines"},
      {ShipGroup(many_lines), "groups[0].lines"},
      {ShipGroup(line) + ShipGroup(many_lines.substr(line.size())), "groups[1].lines"},
      {absl::StrCat("groups { ", kHere, line, " }"), "groups[0].method"},
      {absl::StrCat("groups { method: 9 ", kHere, line, " }"), "groups[0].method"},
      {"groups { method: SHIP " + line + " }", "groups[0].destination"},
      {"groups { method: SHIP destination { latitude: 91 } " + line + " }",
       "groups[0].destination.latitude"},
      {"groups { method: SHIP destination { longitude: nan } " + line + " }",
       "groups[0].destination.longitude"},
      {ShipGroup("location_id: 'near' " + line), "groups[0].location_id"},
      {"groups { method: PICKUP " + line + " }", "groups[0].destination"},
      {"groups { method: CARRY_OUT " + line + " }", "groups[0].location_id"},
      {"groups { method: PICKUP location_id: '" + long_id + "' " + line + " }",
       "groups[0].location_id"},
      {ShipGroup("lines { quantity: 1 }"), "groups[0].lines[0].sku"},
      {ShipGroup("lines { sku: '" + long_id + "' quantity: 1 }"), "groups[0].lines[0].sku"},
      {ShipGroup("lines { sku: 'a\\n' quantity: 1 }"), "groups[0].lines[0].sku"},
      {ShipGroup("lines { sku: 'mug' }"), "groups[0].lines[0].quantity"},
      {ShipGroup("lines { sku: 'mug' quantity: -1 }"), "groups[0].lines[0].quantity"},
      {ShipGroup("lines { sku: 'mug' quantity: 1000000001 }"), "groups[0].lines[0].quantity"},
      {ShipGroup("lines { line_id: 'a' sku: 'mug' quantity: 1 } "
                 "lines { line_id: 'a' sku: 'mug' quantity: 1 }"),
       "groups[0].lines[1].line_id"},
      {ShipGroup("lines { line_id: '1' sku: 'mug' quantity: 1 }" + line),
       "groups[0].lines[1].line_id"},
      {ShipGroup("group_id: '1' " + line) + ShipGroup(line), "groups[1].group_id"},
      {ShipGroup(line) + "credits { sku: 'mug' location_id: 'near' quantity: -1 }",
       "credits[0].quantity"},
      {ShipGroup(line) + "overrides { sku: 'mug' quantity: 9223372036854775807 }",
       "overrides[0].location_id, overrides[0].quantity"},
      {ShipGroup(line) + "excluded_location_ids: ''", "excluded_location_ids[0]"},
  };
  for (const Case& wrong : cases) {
    EXPECT_EQ(Plan(wrong.request), "INVALID_FIELD " + wrong.error) << wrong.request.substr(0, 200);
  }
}

TEST_F(RoutingServiceTest, NamesTheWrongFieldOfOtherRequests) {
  EXPECT_EQ(Call(&Stub::FindNearest, ""), "INVALID_FIELD point");
  EXPECT_EQ(Call(&Stub::FindNearest, "point { latitude: inf }"), "INVALID_FIELD point.latitude");
  EXPECT_EQ(Call(&Stub::FindNearest, "point {} capability: 77"), "INVALID_FIELD capability");
  EXPECT_EQ(Call(&Stub::FindNearest, "point {} limit: 1001 max_distance_km: -1"),
            "INVALID_FIELD limit, max_distance_km");
  EXPECT_EQ(Call(&Stub::FindNearest, "point {} max_distance_km: nan"),
            "INVALID_FIELD max_distance_km");
  EXPECT_EQ(Call(&Stub::FindNearest, "point {} lines { sku: 'mug' }"),
            "INVALID_FIELD lines[0].quantity");
  EXPECT_EQ(Call(&Stub::GetDecision, "attempt: -1"), "INVALID_FIELD order_id, attempt");
  EXPECT_EQ(Call(&Stub::RouteReturn, "sellable: true"), "INVALID_FIELD sku, location_id");
}

}  // namespace
}  // namespace quartermaster::routing
