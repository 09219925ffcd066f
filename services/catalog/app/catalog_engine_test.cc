#include "services/catalog/app/catalog_engine.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "storage/memory_log.h"

namespace quartermaster::catalog {
namespace {

using engine::Fate;
using Admission = engine::Sequencer::Admission;

class FakeClock : public engine::Clock {
 public:
  Instant Now() const override { return now; }
  Instant now{1'800'000'000'000'000};
};

Item NewItem(std::string sku, std::string title = "") {
  Item item;
  item.sku = std::move(sku);
  item.title = std::move(title);
  return item;
}

Location NewLocation(std::string id) {
  Location location;
  location.location_id = std::move(id);
  location.kind = LocationKind::kStore;
  return location;
}

// Everything in the view, as text.
std::string Dump(const CatalogView& view) {
  std::vector<std::string> lines;
  for (const auto& item : view.ListItems("", 1'000)) {
    lines.push_back(absl::StrCat(item->sku, "@", item->version, " ", item->title));
  }
  for (const auto& location : view.ListLocations("", 1'000)) {
    lines.push_back(absl::StrCat(location->location_id, "@", location->version,
                                 location->paused ? " paused" : ""));
  }
  return absl::StrJoin(lines, "\n");
}

class Follower : public CatalogListener {
 public:
  void OnItem(const Item& item) override {
    seen.push_back(absl::StrCat(item.sku, "@", item.version));
  }
  void OnLocation(const Location& location) override {
    seen.push_back(absl::StrCat(location.location_id, "@", location.version));
  }
  std::vector<std::string> seen;
};

class CatalogEngineTest : public testing::Test {
 protected:
  CatalogEngineTest() : log_(storage::NewMemoryLog()) { Reopen(); }

  void Reopen() {
    engine_ = nullptr;
    auto opened = CatalogEngine::Open(log_.get(), &clock_, {});
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = *std::move(opened);
    ASSERT_TRUE(engine_->Acquire().ok());
  }

  // Queues a request and leaves its reply in the result once it is stepped.
  std::shared_ptr<std::optional<CatalogReply>> Queue(Command command, std::string id = "",
                                                     uint64_t content = 0) {
    auto reply = std::make_shared<std::optional<CatalogReply>>();
    CatalogRequest request;
    request.command = std::move(command);
    request.request_id = std::move(id);
    request.fingerprint = {content, 0};
    request.on_reply = [reply](CatalogReply given) { *reply = std::move(given); };
    EXPECT_EQ(engine_->Submit(std::move(request)), Admission::kAccepted);
    return reply;
  }
  CatalogReply Do(Command command, std::string id = "", uint64_t content = 0) {
    const auto reply = Queue(std::move(command), std::move(id), content);
    while (engine_->Step()) {
    }
    EXPECT_TRUE(reply->has_value());
    return reply->value_or(CatalogReply{});
  }

  FakeClock clock_;
  const std::unique_ptr<storage::EventLog> log_;
  std::unique_ptr<CatalogEngine> engine_;
};

TEST_F(CatalogEngineTest, ShowsWhatIsDurableAndNothingElse) {
  const auto reply = Queue(PutItems{{NewItem("A"), NewItem("")}, {}}, "r1");
  EXPECT_EQ(Dump(engine_->view()), "");
  EXPECT_FALSE(reply->has_value());
  while (engine_->Step()) {
  }
  EXPECT_EQ(Dump(engine_->view()), "A@1 ");
  ASSERT_TRUE(reply->has_value());
  EXPECT_EQ((*reply)->fate, Fate::kDecided);
  const auto& results = std::get<PutOutcome>((*reply)->outcome).results;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(results[0].changed);
  EXPECT_EQ(results[1].violations[0].field, "sku");
  EXPECT_GE(engine_->view().head(), (*reply)->position);
}

TEST_F(CatalogEngineTest, ReopeningGivesTheSameView) {
  Do(PutItems{{NewItem("B", "b"), NewItem("A", "a")}, {}}, "r1");
  Do(PutLocations{{{NewLocation("S1")}, {NewLocation("S2")}}, {"emp", "", ""}}, "r2");
  Do(PauseLocation{"S2", true, {}}, "r3");
  Do(PutItems{{NewItem("A", "a2")}, {}});
  const std::string before = Dump(engine_->view());
  const Position head = engine_->view().head();
  EXPECT_NE(before.find("S2@"), std::string::npos);
  EXPECT_NE(before.find("a2"), std::string::npos);

  for (int round = 0; round < 3; ++round) {
    Reopen();
    EXPECT_EQ(Dump(engine_->view()), before);
    EXPECT_EQ(engine_->view().head(), head);
  }
}

TEST_F(CatalogEngineTest, ARepeatedRequestGetsTheFirstAnswer) {
  Do(PutLocations{{{NewLocation("S1")}}, {}}, "r0");
  const PutItems items{{NewItem("A", "first"), NewItem("bad\n")}, {}};
  const CatalogReply first = Do(items, "r1", 11);
  const CatalogReply paused = Do(PauseLocation{"S1", true, {}}, "r2", 22);
  const CatalogReply refused = Do(PauseLocation{"NONE", true, {}}, "r3", 33);
  // The world moves on.
  Do(PutItems{{NewItem("A", "second")}, {}}, "r4", 44);
  Do(PauseLocation{"S1", false, {}}, "r5", 55);
  const std::string view = Dump(engine_->view());

  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    const std::pair<CatalogReply, CatalogReply> pairs[] = {
        {first, Do(items, "r1", 11)},
        {paused, Do(PauseLocation{"S1", true, {}}, "r2", 22)},
        {refused, Do(PauseLocation{"NONE", true, {}}, "r3", 33)},
    };
    for (const auto& [then, now] : pairs) {
      EXPECT_EQ(then.fate, Fate::kDecided);
      EXPECT_EQ(now.fate, Fate::kRecalled);
      EXPECT_EQ(now.position, then.position);
      EXPECT_TRUE(now.outcome == then.outcome);
    }
    EXPECT_EQ(Dump(engine_->view()), view);
  }
  EXPECT_TRUE(std::get<PauseOutcome>(paused.outcome).location.paused);
  EXPECT_EQ(std::get<PauseOutcome>(refused.outcome).rejection, Rejection::kLocationNotFound);

  EXPECT_EQ(Do(PutItems{{NewItem("A", "other")}, {}}, "r1", 12).fate, Fate::kRequestIdReused);
  EXPECT_EQ(Dump(engine_->view()), view);
}

TEST_F(CatalogEngineTest, AListenerIsToldBeforeTheCallerIs) {
  Do(PutItems{{NewItem("A")}, {}});
  Do(PutLocations{{{NewLocation("S1")}}, {}});

  Follower follower;
  engine_->view().AddListener(&follower);
  ASSERT_EQ(follower.seen.size(), 2u);
  EXPECT_EQ(follower.seen[0], "A@1");
  EXPECT_EQ(follower.seen[1].substr(0, 3), "S1@");

  std::vector<std::string> seen_at_reply;
  CatalogRequest request;
  request.command = PutItems{{NewItem("C"), NewItem("B")}, {}};
  request.on_reply = [&](CatalogReply) { seen_at_reply = follower.seen; };
  ASSERT_EQ(engine_->Submit(std::move(request)), Admission::kAccepted);
  while (engine_->Step()) {
  }
  ASSERT_EQ(seen_at_reply.size(), 4u);
  EXPECT_EQ(seen_at_reply[2].substr(0, 2), "C@");
  EXPECT_EQ(seen_at_reply[3].substr(0, 2), "B@");
}

TEST_F(CatalogEngineTest, AListenerAfterARestartIsToldEverythingOnce) {
  Do(PutItems{{NewItem("A"), NewItem("B")}, {}});
  Do(PutItems{{NewItem("A", "newer")}, {}});
  Reopen();
  Follower follower;
  engine_->view().AddListener(&follower);
  ASSERT_EQ(follower.seen.size(), 2u);
  EXPECT_EQ(follower.seen[1], "B@2");
}

TEST_F(CatalogEngineTest, ListsInPages) {
  std::vector<Item> items;
  for (int i = 0; i < 25; ++i) items.push_back(NewItem(absl::StrCat("SKU-", 10 + i)));
  std::reverse(items.begin(), items.end());
  Do(PutItems{std::move(items), {}});
  std::string after;
  std::vector<std::string> seen;
  for (;;) {
    const auto page = engine_->view().ListItems(after, 10);
    if (page.empty()) break;
    for (const auto& item : page) seen.push_back(item->sku);
    after = seen.back();
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(CatalogEngineTest, RefusesOnceStopped) {
  engine_->Start();
  engine_->Stop();
  EXPECT_FALSE(engine_->serving());
  CatalogRequest request;
  request.on_reply = [](CatalogReply) { FAIL() << "a refused request was answered"; };
  EXPECT_EQ(engine_->Submit(std::move(request)), Admission::kNotServing);
}

TEST_F(CatalogEngineTest, AnotherOwnerFencesIt) {
  Do(PutItems{{NewItem("A")}, {}});
  auto second = CatalogEngine::Open(log_.get(), &clock_, {});
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE((*second)->Acquire().ok());
  const CatalogReply reply = Do(PutItems{{NewItem("B")}, {}});
  EXPECT_EQ(reply.fate, Fate::kNotServing);
  EXPECT_FALSE(engine_->serving());
  EXPECT_EQ(Dump((*second)->view()), "A@1 ");
}

}  // namespace
}  // namespace quartermaster::catalog
