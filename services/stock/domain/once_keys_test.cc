#include "services/stock/domain/once_keys.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/stock/domain/testing/shop.h"

namespace quartermaster::stock {
namespace {

TEST(OnceKeysTest, KnowsWhatItWasToldAndOnlyOnce) {
  OnceKeys keys;
  EXPECT_EQ(keys.Find("a"), nullptr);
  EXPECT_TRUE(keys.Add("a", 7));
  EXPECT_FALSE(keys.Add("a", 8));
  EXPECT_EQ(*keys.Find("a"), 7u);
  EXPECT_EQ(keys.Find(""), nullptr);
  EXPECT_EQ(keys.Find("b"), nullptr);
  EXPECT_EQ(keys.size(), 1u);
}

TEST(OnceKeysTest, GivesOutTheOldestOnceAndForgetsThemWhenTold) {
  OnceKeys keys(3);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(keys.Add(std::to_string(i), i));
  std::vector<uint64_t> given_out;
  const auto give_out = [&] {
    while (const OnceKeys::Entry* excess = keys.NextExcess()) {
      EXPECT_EQ(excess->key, std::to_string(excess->fingerprint));
      given_out.push_back(excess->fingerprint);
    }
  };
  give_out();
  give_out();
  EXPECT_EQ(given_out, (std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(keys.given_out(), 7u);
  // They are there until they are archived.
  EXPECT_EQ(*keys.Find("0"), 0u);
  keys.Forget(4);
  EXPECT_EQ(keys.Find("3"), nullptr);
  EXPECT_EQ(*keys.Find("4"), 4u);
  EXPECT_EQ(keys.size(), 6u);
  ASSERT_TRUE(keys.Add("10", 10));
  give_out();
  EXPECT_EQ(given_out.back(), 7u);
  EXPECT_EQ(keys.given_out(), 8u);
  keys.Forget(keys.given_out());
  EXPECT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys.added(), 11u);
  for (const char* kept : {"8", "9", "10"}) EXPECT_NE(keys.Find(kept), nullptr) << kept;
}

TEST(OnceKeysTest, WhatTheArchiveHasCountsForTheCommandAtHand) {
  OnceKeys keys;
  keys.Recall({{"a", 7}});
  EXPECT_EQ(*keys.Find("a"), 7u);
  keys.Recall({});
  EXPECT_EQ(keys.Find("a"), nullptr);
}

TEST(OnceKeysTest, NoTwoOfThemAreTheSameKey) {
  const std::vector<std::string> keys = {
      EffectOnce("a"),          EffectOnce("sa"),          MessageOnce("a", 1, ""),
      MessageOnce("a", 0, "1"), MessageOnce("a", 11, ""),  MessageOnce("a1", 1, ""),
      MessageOnce("1", 1, ""),  MessageOnce("a", 0, "11"), MessageOnce("a1", 0, "1"),
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << ", " << j;
  }
  EXPECT_EQ(EffectOnce(""), "");
  EXPECT_EQ(MessageOnce("", 0, ""), "");
}

}  // namespace
}  // namespace quartermaster::stock
