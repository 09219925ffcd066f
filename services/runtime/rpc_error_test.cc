#include "services/runtime/rpc_error.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/error_info.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <string>

namespace quartermaster::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename Detail>
std::optional<Detail> DetailOf(const google::rpc::Status& status) {
  Detail detail;
  for (const auto& any : status.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

TEST(RpcErrorTest, EveryReasonHasAStatusCode) {
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<ErrorReason>(reasons->value(i)->number());
    EXPECT_TRUE(HasStatusCode(reason)) << reasons->value(i)->name();
    EXPECT_NE(StatusCodeOf(reason), absl::StatusCode::kOk) << reasons->value(i)->name();
  }
  EXPECT_FALSE(HasStatusCode(static_cast<ErrorReason>(-1)));
  EXPECT_FALSE(HasStatusCode(static_cast<ErrorReason>(19)));
  EXPECT_FALSE(HasStatusCode(static_cast<ErrorReason>(1'000)));
}

TEST(RpcErrorTest, EveryReasonSurvivesTheWay) {
  const auto* reasons = common::v1::ErrorReason_descriptor();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<ErrorReason>(reasons->value(i)->number());
    const grpc::Status status = ToGrpcStatus(RpcError(reason, "because"));
    EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(StatusCodeOf(reason)));
    EXPECT_EQ(status.error_message(), "because");
    EXPECT_EQ(FromGrpcStatus(status).reason(), reason);
  }
}

TEST(RpcErrorTest, DetailsSurviveTheWay) {
  common::v1::InsufficientStock shortage;
  auto* line = shortage.add_lines();
  line->set_sku("apple");
  line->set_asked(5);
  line->set_available(2);
  RpcError error(common::v1::INSUFFICIENT_STOCK, "too little");
  error.SetInsufficientStock(shortage)
      .SetExpectation(7, 6)
      .SetRetryAfter(Milliseconds(1'500))
      .SetResource("reservation", "r-1")
      .AddField("lines[0].quantity", "is 5")
      .AddMetadata("state", "HELD");

  const RpcError copy = FromGrpcStatus(ToGrpcStatus(error));
  EXPECT_EQ(copy.reason(), common::v1::INSUFFICIENT_STOCK);
  ASSERT_TRUE(copy.details().insufficient_stock.has_value());
  EXPECT_EQ(copy.details().insufficient_stock->lines(0).available(), 2);
  ASSERT_TRUE(copy.details().expectation_failed.has_value());
  EXPECT_EQ(copy.details().expectation_failed->actual(), 6);
  EXPECT_EQ(copy.details().retry_after, Milliseconds(1'500));
  EXPECT_EQ(copy.details().resource_name, "r-1");
  ASSERT_EQ(copy.details().fields.size(), 1u);
  EXPECT_EQ(copy.details().fields[0].field, "lines[0].quantity");
  ASSERT_EQ(copy.details().metadata.size(), 1u);
  EXPECT_EQ(copy.details().metadata[0].second, "HELD");
}

TEST(RpcErrorTest, CarriesTheStandardDetails) {
  const google::rpc::Status status =
      ToRpcStatus(IllegalTransition("order", "o-1", "CANCELLED", "PLACED"));
  ASSERT_TRUE(DetailOf<google::rpc::ErrorInfo>(status).has_value());
  const auto info = *DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "ILLEGAL_TRANSITION");
  EXPECT_EQ(info.domain(), "quartermaster");
  EXPECT_EQ(info.metadata().at("allowed"), "PLACED");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->violations(0).subject(), "order/o-1");
  EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
}

TEST(RpcErrorTest, CopiesAreIndependent) {
  RpcError error = InvalidField("sku", "is required");
  RpcError copy = error;
  copy.AddField("quantity", "is required");
  EXPECT_EQ(error.details().fields.size(), 1u);
  error = copy;
  EXPECT_EQ(error.details().fields.size(), 2u);
}

TEST(RpcErrorTest, WhatIsLongerThanTrailersHoldIsCutAndSaysSo) {
  common::v1::InsufficientStock shortage;
  for (int i = 0; i < 2'000; ++i) {
    auto* line = shortage.add_lines();
    line->set_line_id(std::string(64, 'l'));
    line->set_sku(std::string(64, 's'));
    line->set_asked(i);
  }
  RpcError error(common::v1::INSUFFICIENT_STOCK, std::string(600, 'm') + "\xC3\xA9");
  error.SetInsufficientStock(std::move(shortage));
  const grpc::Status status = ToGrpcStatus(error);
  EXPECT_LE(status.error_details().size(), kErrorDetailsBytesMax);
  EXPECT_EQ(status.error_message().size(), kErrorMessageBytesMax);
  const RpcError copy = FromGrpcStatus(status);
  const int kept = copy.details().insufficient_stock->lines_size();
  EXPECT_GT(kept, 10);
  ASSERT_EQ(copy.details().metadata.size(), 1u);
  EXPECT_EQ(copy.details().metadata[0].first, "details_dropped");
  EXPECT_EQ(copy.details().metadata[0].second, std::to_string(2'000 - kept));
}

TEST(RpcErrorTest, AMessageIsCutBetweenCharacters) {
  std::string message(kErrorMessageBytesMax - 1, 'm');
  message += "\xC3\xA9";
  const grpc::Status status = ToGrpcStatus(RpcError(common::v1::OVERLOADED, message));
  EXPECT_EQ(status.error_message().size(), kErrorMessageBytesMax - 1);
}

TEST(RpcErrorTest, ForeignStatusesAreTranslatedByTheirCode) {
  const struct {
    grpc::StatusCode code;
    ErrorReason reason;
  } kCases[] = {
      {grpc::StatusCode::UNAVAILABLE, common::v1::PEER_UNAVAILABLE},
      {grpc::StatusCode::DEADLINE_EXCEEDED, common::v1::PEER_UNAVAILABLE},
      {grpc::StatusCode::CANCELLED, common::v1::PEER_UNAVAILABLE},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, common::v1::OVERLOADED},
      {grpc::StatusCode::INVALID_ARGUMENT, common::v1::INVALID_FIELD},
      {grpc::StatusCode::UNIMPLEMENTED, common::v1::INTERNAL_DEFECT},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FromGrpcStatus(grpc::Status(c.code, "proxy")).reason(), c.reason);
    EXPECT_EQ(FromGrpcStatus(grpc::Status(c.code, "proxy", "\xFF not a status")).reason(),
              c.reason);
  }
}

TEST(RpcErrorTest, AReasonOfANewerServerKeepsItsName) {
  google::rpc::ErrorInfo info;
  info.set_domain("quartermaster");
  info.set_reason("MOON_IS_FULL");
  google::rpc::Status rich;
  rich.add_details()->PackFrom(info);
  const RpcError error = FromGrpcStatus(
      grpc::Status(grpc::StatusCode::UNAVAILABLE, "later", rich.SerializeAsString()));
  EXPECT_EQ(error.reason(), common::v1::PEER_UNAVAILABLE);
  ASSERT_EQ(error.details().metadata.size(), 1u);
  EXPECT_EQ(error.details().metadata[0].second, "MOON_IS_FULL");
}

TEST(RpcErrorTest, FatesThatCarryNoResult) {
  EXPECT_EQ(FateError(engine::Fate::kRequestIdReused).reason(), common::v1::REQUEST_ID_REUSED);
  EXPECT_EQ(FateError(engine::Fate::kDeadlinePassed).reason(), common::v1::DEADLINE_PASSED);
  EXPECT_EQ(FateError(engine::Fate::kNotServing).reason(), common::v1::NOT_SERVING);
  EXPECT_EQ(FateError(engine::Fate::kQueueFull).reason(), common::v1::OVERLOADED);
  EXPECT_TRUE(FateError(engine::Fate::kQueueFull).details().retry_after.has_value());
  EXPECT_EQ(FateError(engine::Fate::kDecided).reason(), common::v1::INTERNAL_DEFECT);
}

TEST(RpcErrorTest, HelpersNameWhatTheyAreAbout) {
  const RpcError missing = NotFound(common::v1::ORDER_NOT_FOUND, "order", "o-9");
  EXPECT_EQ(missing.message(), "no such order");
  EXPECT_EQ(missing.details().resource_name, "o-9");
  EXPECT_THAT(missing.message(), Not(HasSubstr("o-9")));
  EXPECT_GT(Overloaded().details().retry_after, Micros{0});
  EXPECT_THAT(PeerUnavailable("stock").message(), HasSubstr("stock"));
}

}  // namespace
}  // namespace quartermaster::runtime
