// CatalogService over a real gRPC server: what a client of another process sees.
#include "services/catalog/rpc/catalog_service.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "services/catalog/app/catalog_engine.h"
#include "services/catalog/rpc/page_token.h"
#include "services/catalog/rpc/time_zones.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/server.h"
#include "services/runtime/system_clock.h"
#include "storage/memory_log.h"

namespace quartermaster::catalog {
namespace {

// "REASON field, field" of an error of ours; "code 13 message" of another.
std::string Describe(const runtime::RpcError& error) {
  std::string text = common::v1::ErrorReason_Name(error.reason());
  const char* separator = " ";
  for (const runtime::FieldViolation& violation : error.details().fields) {
    absl::StrAppend(&text, separator, violation.field);
    separator = ", ";
  }
  return text;
}

std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "OK";
  if (status.error_details().empty()) {
    return absl::StrCat("code ", static_cast<int>(status.error_code()), " ",
                        status.error_message());
  }
  return Describe(runtime::FromGrpcStatus(status));
}

v1::Item NewItem(const std::string& sku) {
  v1::Item item;
  item.set_sku(sku);
  item.set_title("Title of " + sku);
  return item;
}

v1::Location NewLocation(const std::string& id) {
  v1::Location location;
  location.set_location_id(id);
  location.set_kind(v1::Location::STORE);
  location.mutable_point()->set_latitude(46.77);
  location.mutable_point()->set_longitude(23.6);
  location.set_time_zone("Europe/Bucharest");
  location.add_capabilities(v1::Location::PICKUP);
  return location;
}

v1::PutItemsRequest PutOf(const std::string& request_id, std::vector<v1::Item> items) {
  v1::PutItemsRequest request;
  request.set_request_id(request_id);
  for (v1::Item& item : items) *request.add_items() = std::move(item);
  return request;
}

class CatalogServiceTest : public testing::Test {
 protected:
  CatalogServiceTest() : log_(storage::NewMemoryLog()) {
    auto engine = CatalogEngine::Open(log_.get(), &clock_, {});
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    EXPECT_TRUE(engine_->Acquire().ok());
    engine_->Start();
    auto service = NewCatalogService(engine_.get());
    EXPECT_TRUE(service.ok()) << service.status();
    service_ = *std::move(service);
    runtime::GrpcServerOptions options;
    options.listen = "127.0.0.1:0";
    auto server = runtime::GrpcServer::Start(std::move(options),
                                             {runtime::Hosted<v1::CatalogService>(service_.get())});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = v1::CatalogService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }

  ~CatalogServiceTest() override {
    EXPECT_TRUE(server_->Drain());
    engine_->Stop();
  }

  // Calls a method of the stub with a deadline; the description of its status.
  template <typename Request, typename Response>
  std::string Call(grpc::Status (v1::CatalogService::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                   const Request& request, Response* response = nullptr) {
    Response ignored;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return Describe((stub_.get()->*method)(&context, request, response ? response : &ignored));
  }
  using Stub = v1::CatalogService::Stub;

  v1::PutItemsResponse Put(const v1::PutItemsRequest& request) {
    v1::PutItemsResponse response;
    EXPECT_EQ(Call(&Stub::PutItems, request, &response), "OK");
    return response;
  }
  storage::Position head() { return engine_->Stats().head; }

  runtime::SystemClock clock_;
  const std::unique_ptr<storage::EventLog> log_;
  std::unique_ptr<CatalogEngine> engine_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<v1::CatalogService::Stub> stub_;
};

TEST_F(CatalogServiceTest, AnItemComesBackAsItWasPut) {
  v1::Item item = NewItem("BOLT-8");
  item.set_base_unit("kg");
  item.set_quantity_scale(3);
  item.add_gtins("4006381333931");
  item.set_weight_g(1000);
  item.set_handling_class("oversize");
  item.set_returnable(true);
  item.set_online(true);
  item.set_status(v1::Item::DISCONTINUED);
  const v1::PutItemsResponse put = Put(PutOf("r1", {item}));
  ASSERT_EQ(put.results_size(), 1);
  EXPECT_TRUE(put.results(0).changed());
  EXPECT_EQ(put.results(0).status().code(), 0);
  EXPECT_EQ(put.position(), absl::StrCat(head()));

  v1::GetItemRequest get;
  get.set_sku("BOLT-8");
  v1::Item got;
  EXPECT_EQ(Call(&Stub::GetItem, get, &got), "OK");
  item.set_version("1");
  EXPECT_EQ(got.SerializeAsString(), item.SerializeAsString());
  get.set_sku("NUT-8");
  EXPECT_EQ(Call(&Stub::GetItem, get), "ITEM_NOT_FOUND");
}

TEST_F(CatalogServiceTest, ALocationComesBackAsItWasPutAndCanBePaused) {
  v1::PutLocationsRequest put;
  put.set_request_id("r1");
  *put.add_locations() = NewLocation("S1");
  v1::PutLocationsResponse response;
  EXPECT_EQ(Call(&Stub::PutLocations, put, &response), "OK");
  EXPECT_TRUE(response.results(0).changed());

  v1::PauseLocationRequest pause;
  pause.set_request_id("r2");
  pause.set_location_id("S1");
  pause.set_paused(true);
  v1::Location paused;
  EXPECT_EQ(Call(&Stub::PauseLocation, pause, &paused), "OK");
  v1::Location expected = NewLocation("S1");
  expected.set_paused(true);
  expected.set_version(paused.version());
  EXPECT_EQ(paused.SerializeAsString(), expected.SerializeAsString());
  v1::Location got;
  v1::GetLocationRequest get;
  get.set_location_id("S1");
  EXPECT_EQ(Call(&Stub::GetLocation, get, &got), "OK");
  EXPECT_EQ(got.SerializeAsString(), paused.SerializeAsString());
  // The same request again, after another change.
  v1::PauseLocationRequest resume = pause;
  resume.set_request_id("r3");
  resume.set_paused(false);
  EXPECT_EQ(Call(&Stub::PauseLocation, resume), "OK");
  EXPECT_EQ(Call(&Stub::PauseLocation, pause, &got), "OK");
  EXPECT_EQ(got.SerializeAsString(), paused.SerializeAsString());

  pause.set_request_id("r4");
  pause.set_location_id("S2");
  EXPECT_EQ(Call(&Stub::PauseLocation, pause), "LOCATION_NOT_FOUND");
  EXPECT_EQ(Call(&Stub::PauseLocation, pause), "LOCATION_NOT_FOUND");
  get.set_location_id("S2");
  EXPECT_EQ(Call(&Stub::GetLocation, get), "LOCATION_NOT_FOUND");
}

void AddSpan(int weekday, int open, int close,
             google::protobuf::RepeatedPtrField<v1::OpenSpan>* spans) {
  v1::OpenSpan& span = *spans->Add();
  span.set_weekday(weekday);
  span.set_open_minute(open);
  span.set_close_minute(close);
}

TEST_F(CatalogServiceTest, OpeningHoursComeBackInOneOrder) {
  v1::PutLocationsRequest put;
  put.set_request_id("r1");
  v1::Location& location = *put.add_locations() = NewLocation("S1");
  AddSpan(6, 600, 1'560, location.mutable_opening_hours());
  AddSpan(1, 540, 1'080, location.mutable_opening_hours());
  location.add_special_days()->set_date("2026-12-25");
  v1::SpecialDay& eve = *location.add_special_days();
  eve.set_date("2026-12-24");
  AddSpan(0, 540, 840, eve.mutable_spans());
  EXPECT_EQ(Call(&Stub::PutLocations, put), "OK");

  v1::Location expected = location;
  expected.mutable_opening_hours()->SwapElements(0, 1);
  expected.mutable_special_days()->SwapElements(0, 1);
  expected.set_version("1");
  v1::GetLocationRequest get;
  get.set_location_id("S1");
  v1::Location got;
  EXPECT_EQ(Call(&Stub::GetLocation, get, &got), "OK");
  EXPECT_EQ(got.SerializeAsString(), expected.SerializeAsString());

  // In another order they are the same.
  put.set_request_id("r2");
  *put.mutable_locations(0) = expected;
  v1::PutLocationsResponse again;
  EXPECT_EQ(Call(&Stub::PutLocations, put, &again), "OK");
  EXPECT_FALSE(again.results(0).changed());
  // It is replaced as a whole.
  put.set_request_id("r3");
  *put.mutable_locations(0) = NewLocation("S1");
  EXPECT_EQ(Call(&Stub::PutLocations, put, &again), "OK");
  EXPECT_TRUE(again.results(0).changed());
  EXPECT_EQ(Call(&Stub::GetLocation, get, &got), "OK");
  EXPECT_EQ(got.opening_hours_size() + got.special_days_size(), 0);
}

TEST_F(CatalogServiceTest, PagesOfLocationsWithManyHoursAreShorter) {
  v1::Location large = NewLocation("");
  for (int i = 0; i < 400; ++i) {
    v1::SpecialDay& day = *large.add_special_days();
    day.set_date(absl::StrFormat("20%02d-%02d-01", i / 12, i % 12 + 1));
    for (int span = 0; span < 4; ++span) {
      AddSpan(0, 540 + span * 60, 570 + span * 60, day.mutable_spans());
    }
  }
  constexpr int kLocations = 250;
  for (int i = 0; i < kLocations; i += 25) {
    v1::PutLocationsRequest put;
    put.set_request_id(absl::StrCat("r", i));
    for (int j = i; j < i + 25; ++j) {
      v1::Location& location = *put.add_locations() = large;
      location.set_location_id(absl::StrCat("S", 1'000 + j));
    }
    ASSERT_EQ(Call(&Stub::PutLocations, put), "OK");
  }
  v1::ListLocationsRequest list;
  list.set_page_size(1'000);
  int pages = 0;
  int listed = 0;
  do {
    v1::ListLocationsResponse page;
    ASSERT_EQ(Call(&Stub::ListLocations, list, &page), "OK");
    for (const v1::Location& location : page.locations()) {
      EXPECT_EQ(location.location_id(), absl::StrCat("S", 1'000 + listed++));
    }
    list.set_page_token(page.next_page_token());
    ++pages;
  } while (!list.page_token().empty());
  EXPECT_EQ(listed, kLocations);
  EXPECT_GT(pages, 1);
}

TEST_F(CatalogServiceTest, BadEntriesAreNamedAndStopNothing) {
  v1::Item bad_gtin = NewItem("B");
  bad_gtin.add_gtins("4006381333932");
  v1::Item bad_status = NewItem("C");
  bad_status.set_status(static_cast<v1::Item::Status>(77));
  bad_status.set_weight_g(-1);
  const auto response =
      Put(PutOf("r1", {NewItem("A"), NewItem(""), NewItem(std::string(65, 'x')), bad_gtin,
                       bad_status, NewItem("tab\t"), NewItem("Z"), NewItem("A")}));
  std::vector<std::string> results;
  for (const v1::PutResult& result : response.results()) {
    results.push_back(result.status().code() == 0
                          ? result.changed() ? "changed" : "same"
                          : Describe(runtime::FromRpcStatus(result.status())));
  }
  EXPECT_EQ(results, (std::vector<std::string>{
                         "changed", "INVALID_FIELD items[1].sku", "INVALID_FIELD items[2].sku",
                         "INVALID_FIELD items[3].gtins[0]",
                         "INVALID_FIELD items[4].weight_g, items[4].status",
                         "INVALID_FIELD items[5].sku, items[5].title", "changed", "same"}));

  v1::PutLocationsRequest put;
  put.set_request_id("r2");
  *put.add_locations() = NewLocation("S1");
  for (int i = 0; i < 7; ++i) *put.add_locations() = NewLocation(absl::StrCat("BAD", i));
  put.mutable_locations(1)->set_time_zone("Mars/Olympus");
  put.mutable_locations(2)->clear_point();
  put.mutable_locations(3)->mutable_point()->set_latitude(91);
  put.mutable_locations(4)->set_capabilities(0, static_cast<v1::Location::Capability>(9));
  put.mutable_locations(5)->set_kind(v1::Location::KIND_UNSPECIFIED);
  for (int i = 0; i < 3; ++i)
    AddSpan(1, 540, 1'080, put.mutable_locations(6)->mutable_opening_hours());
  put.mutable_locations(6)->mutable_opening_hours(2)->set_close_minute(2'881);
  put.mutable_locations(7)->add_special_days()->set_date("2026-02-29");
  v1::PutLocationsResponse locations;
  EXPECT_EQ(Call(&Stub::PutLocations, put, &locations), "OK");
  results.clear();
  for (const v1::PutResult& result : locations.results()) {
    results.push_back(
        result.status().code() == 0 ? "ok" : Describe(runtime::FromRpcStatus(result.status())));
  }
  EXPECT_EQ(results,
            (std::vector<std::string>{
                "ok", "INVALID_FIELD locations[1].time_zone", "INVALID_FIELD locations[2].point",
                "INVALID_FIELD locations[3].point.latitude",
                "INVALID_FIELD locations[4].capabilities[0]", "INVALID_FIELD locations[5].kind",
                "INVALID_FIELD locations[6].opening_hours[2].close_minute",
                "INVALID_FIELD locations[7].special_days[0].date"}));
}

TEST_F(CatalogServiceTest, BadRequestsNameTheFieldAndLeaveNoTrace) {
  const auto put = [](std::function<void(v1::PutItemsRequest&)> spoil) {
    v1::PutItemsRequest request = PutOf("r", {NewItem("A")});
    spoil(request);
    return request;
  };
  const std::pair<std::string, v1::PutItemsRequest> puts[] = {
      {"INVALID_FIELD request_id", put([](auto& r) { r.clear_request_id(); })},
      {"INVALID_FIELD request_id", put([](auto& r) { r.set_request_id(std::string(65, 'x')); })},
      {"INVALID_FIELD request_id", put([](auto& r) { r.set_request_id("a\x01"); })},
      {"INVALID_FIELD items", put([](auto& r) { r.clear_items(); })},
      {"INVALID_FIELD items", put([](auto& r) {
         for (int i = 1; i < 2'001; ++i) *r.add_items() = NewItem(absl::StrCat(i));
       })},
      {"INVALID_FIELD attribution.actor_id",
       put([](auto& r) { r.mutable_attribution()->set_actor_id(std::string(65, 'x')); })},
      {"INVALID_FIELD items, request_id", put([](auto& r) { r.Clear(); })},
  };
  for (const auto& [expected, request] : puts) {
    EXPECT_EQ(Call(&Stub::PutItems, request), expected);
  }
  EXPECT_EQ(Call(&Stub::PutLocations, v1::PutLocationsRequest()),
            "INVALID_FIELD locations, request_id");
  EXPECT_EQ(Call(&Stub::PauseLocation, v1::PauseLocationRequest()),
            "INVALID_FIELD location_id, request_id");
  EXPECT_EQ(Call(&Stub::GetItem, v1::GetItemRequest()), "INVALID_FIELD sku");
  EXPECT_EQ(Call(&Stub::GetLocation, v1::GetLocationRequest()), "INVALID_FIELD location_id");
  for (const int size : {-1, 1'001, 2'147'483'647}) {
    v1::ListItemsRequest items;
    items.set_page_size(size);
    EXPECT_EQ(Call(&Stub::ListItems, items), "INVALID_FIELD page_size");
    v1::ListLocationsRequest locations;
    locations.set_page_size(size);
    EXPECT_EQ(Call(&Stub::ListLocations, locations), "INVALID_FIELD page_size");
  }
  EXPECT_EQ(head(), 0);
}

// Protobuf itself refuses a proto3 string that is not UTF-8: no handler sees the request.
TEST_F(CatalogServiceTest, InvalidUtf8IsRefused) {
  const std::string bad = "caf\xe9";
  EXPECT_EQ(Call(&Stub::PutItems, PutOf(bad, {NewItem("A")})),
            "INVALID_FIELD PutItemsRequest.request_id");
  EXPECT_EQ(Call(&Stub::PutItems, PutOf("r", {NewItem(bad)})), "INVALID_FIELD Item.sku");
  v1::GetItemRequest get;
  get.set_sku(bad);
  EXPECT_EQ(Call(&Stub::GetItem, get), "INVALID_FIELD GetItemRequest.sku");
  EXPECT_EQ(head(), 0);
  EXPECT_EQ(Call(&Stub::PutItems, PutOf("r", {NewItem("A")})), "OK");
}

TEST_F(CatalogServiceTest, ARepeatedRequestIsToldTheSame) {
  v1::Item bad = NewItem("B");
  bad.add_gtins("1");
  const auto request = PutOf("r1", {NewItem("A"), bad, NewItem("A")});
  const std::string first = Put(request).SerializeAsString();
  v1::Item changed = NewItem("A");
  changed.set_title("Changed since");
  Put(PutOf("r2", {changed}));
  const storage::Position before = head();
  EXPECT_EQ(Put(request).SerializeAsString(), first);
  EXPECT_EQ(head(), before);

  EXPECT_EQ(Call(&Stub::PutItems, PutOf("r1", {NewItem("A")})), "REQUEST_ID_REUSED");
  v1::PauseLocationRequest pause;
  pause.set_request_id("r1");
  pause.set_location_id("S1");
  EXPECT_EQ(Call(&Stub::PauseLocation, pause), "REQUEST_ID_REUSED");
  EXPECT_EQ(head(), before);
}

TEST_F(CatalogServiceTest, TheLargestBatchFitsAndListsInPages) {
  v1::PutItemsRequest request;
  request.set_request_id("r1");
  for (int i = 0; i < 2'000; ++i) {
    v1::Item& item = *request.add_items();
    item = NewItem(absl::StrCat("SKU-", 10'000 + (i * 7) % 2'000));
    item.set_title(std::string(128, 't'));
  }
  EXPECT_EQ(Put(request).results_size(), 2'000);

  v1::ListItemsRequest list;
  std::vector<std::string> skus;
  for (const int size : {0, 1, 999, 1'000, 1'000}) {
    list.set_page_size(size);
    v1::ListItemsResponse page;
    ASSERT_EQ(Call(&Stub::ListItems, list, &page), "OK");
    for (const v1::Item& item : page.items()) skus.push_back(item.sku());
    list.set_page_token(page.next_page_token());
    if (page.next_page_token().empty()) break;
  }
  ASSERT_EQ(skus.size(), 2'000u);
  for (int i = 0; i < 2'000; ++i) EXPECT_EQ(skus[i], absl::StrCat("SKU-", 10'000 + i));
  EXPECT_EQ(list.page_token(), "");
}

TEST_F(CatalogServiceTest, APageTokenOfAnotherListOrNoneIsRefused) {
  for (const std::string& token :
       {std::string("x"), std::string("!!!"), std::string("AAAAAAAA"), std::string(3'000, 'A'),
        MakePageToken("locations", "S1"), MakePageToken("items", "S1") + "A"}) {
    v1::ListItemsRequest list;
    list.set_page_token(token);
    EXPECT_EQ(Call(&Stub::ListItems, list), "PAGE_TOKEN_INVALID") << token.substr(0, 40);
  }
  v1::ListLocationsRequest list;
  list.set_page_token(MakePageToken("items", "S1"));
  EXPECT_EQ(Call(&Stub::ListLocations, list), "PAGE_TOKEN_INVALID");
  list.set_page_token(MakePageToken("locations", "S1"));
  EXPECT_EQ(Call(&Stub::ListLocations, list), "OK");
}

TEST_F(CatalogServiceTest, AStoppedEngineAnswersNotServing) {
  Put(PutOf("r1", {NewItem("A")}));
  engine_->Stop();
  v1::GetItemRequest get;
  get.set_sku("A");
  EXPECT_EQ(Call(&Stub::GetItem, get), "NOT_SERVING");
  EXPECT_EQ(Call(&Stub::ListItems, v1::ListItemsRequest()), "NOT_SERVING");
  EXPECT_EQ(Call(&Stub::PutItems, PutOf("r2", {NewItem("B")})), "NOT_SERVING");
}

TEST(TimeZones, KnowsTheDatabaseAndNothingElse) {
  const auto zones = TimeZones::Load();
  ASSERT_TRUE(zones.ok()) << zones.status();
  for (const char* name : {"Europe/Bucharest", "Europe/Warsaw", "UTC", "Asia/Kathmandu"}) {
    EXPECT_TRUE(zones->Has(name)) << name;
  }
  for (const char* name : {"", "localtime", "europe/bucharest", "Europe/", "../etc/passwd",
                           "+02:00", "zone.tab", "posix/UTC"}) {
    EXPECT_FALSE(zones->Has(name)) << name;
  }
}

}  // namespace
}  // namespace quartermaster::catalog
