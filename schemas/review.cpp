#include "schemas/review.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

/// The members of an array of `read`, by its name.
std::vector<JsonReader> list_of(const JsonReader& read, std::string_view name) {
  std::vector<JsonReader> list;
  const auto* found = read.find(name);
  if (found == nullptr || !found->is_array()) return list;
  for (const auto& item : found->get_array()) list.emplace_back(item);
  return list;
}

}  // namespace

using boost::json::array;
using boost::json::object;

boost::json::value to_json(const Review& review) {
  array approvals;
  for (const auto& one : review.approvals) {
    object approval{{"by", one.by}, {"at", to_rfc3339(one.at)}};
    if (one.is_spokesperson) approval["as"] = "spokesperson";
    approvals.push_back(std::move(approval));
  }
  array remarks;
  for (const auto& one : review.remarks) {
    remarks.push_back(
        object{{"by", one.by}, {"at", to_rfc3339(one.at)}, {"step", one.step}, {"text", one.text}});
  }
  object json{{"to", review.to.text()},
              {"submitted_by", review.submitted_by},
              {"since", to_rfc3339(review.since)},
              {"approvals", std::move(approvals)},
              {"remarks", std::move(remarks)}};
  if (!review.due.empty()) json["due"] = review.due;
  return json;
}

Result<Review> review_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  Review review;
  review.to = KHOCHUNG_TRY(UnitId::parse(read.string("to")));
  review.submitted_by = read.string("submitted_by");
  review.since = KHOCHUNG_TRY(instant_from_rfc3339(read.string("since")));
  review.due = read.string("due");
  for (const auto& one : list_of(read, "approvals")) {
    review.approvals.push_back({one.string("by"),
                                KHOCHUNG_TRY(instant_from_rfc3339(one.string("at"))),
                                one.string("as") == "spokesperson"});
  }
  for (const auto& one : list_of(read, "remarks")) {
    review.remarks.push_back({one.string("by"),
                              KHOCHUNG_TRY(instant_from_rfc3339(one.string("at"))),
                              one.string("step"), one.string("text")});
  }
  return review;
}

}  // namespace khochung
