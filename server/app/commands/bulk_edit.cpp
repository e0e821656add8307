#include "server/app/commands/bulk_edit.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/progress.hpp"
#include "server/http/encoding.hpp"

namespace khochung::app {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view address = "/api/v1/bulk-edits";

/// Errors: bad_input for what is no "field=value".
Result<object> changes_of(const BulkEditOptions& options) {
  object changes;
  for (const auto& set : options.sets) {
    const auto sign = set.find('=');
    if (sign == std::string::npos || sign == 0)
      return fail(ErrorCode::bad_input, "--set takes field=value, not " + set);
    changes[set.substr(0, sign)] = set.substr(sign + 1);
  }
  for (const auto& field : options.clears) changes[field] = nullptr;
  return changes;
}

object query_of(const SearchOptions& search) {
  std::string words;
  for (const auto& word : search.words) words += (words.empty() ? "" : " ") + word;
  return {{"q", words},
          {"unit", search.unit},
          {"kind", search.kind},
          {"year", search.year},
          {"language", search.language},
          {"media_type", search.media_type},
          {"theme", search.theme},
          {"audience", search.audience},
          {"channel", search.channel},
          {"format", search.format},
          {"sort", search.sort}};
}

bool searches(const SearchOptions& search) {
  for (const auto& [name, asked] : query_of(search)) {
    if (!asked.as_string().empty()) return true;
  }
  return false;
}

/// Errors: bad_input where nothing says which materials, or everything does.
Result<object> order_of(const BulkEditOptions& options) {
  const bool has_search = searches(options.search);
  if (has_search != options.materials.empty())
    return fail(ErrorCode::bad_input,
                "say which materials: words and filters of a search, or --material ID…");
  object order{{"changes", KHOCHUNG_TRY(changes_of(options))}, {"note", options.note}};
  if (has_search) {
    order["query"] = query_of(options.search);
    return order;
  }
  array materials;
  for (const auto& id : options.materials) materials.emplace_back(id);
  order["materials"] = std::move(materials);
  return order;
}

void print_refused(const value& answer, const char* member) {
  for (const auto& one : answer.at(member).as_array()) {
    const JsonReader read(one);
    fmt::print("  {} tư liệu: {}\n", read.integer("count"), read.string("sentence"));
  }
}

/// "theme: benefits → safety".
void print_values(const value& item) {
  const auto* before = JsonReader(item).find("before");
  const auto* after = JsonReader(item).find("after");
  if (before == nullptr || after == nullptr) return;
  for (const auto& [field, was] : before->as_object()) {
    const auto old_text = JsonReader(*before).string(field);
    const auto new_text = JsonReader(*after).string(field);
    if (old_text != new_text)
      fmt::print("    {}: {} → {}\n", std::string_view(field), old_text.empty() ? "–" : old_text,
                 new_text.empty() ? "–" : new_text);
  }
}

void print_preview(const value& preview) {
  const JsonReader read(preview);
  const JsonReader counts(preview.at("counts"));
  fmt::print("Sẽ sửa {} tư liệu; {} đã như vậy; {} không sửa được.\n", counts.integer("changed"),
             counts.integer("unchanged"), counts.integer("refused"));
  print_refused(preview, "refused");
  if (read.integer("total") > read.integer("selected"))
    fmt::print("Tìm thấy {} tư liệu, mỗi lần sửa nhiều nhất {}.\n", read.integer("total"),
               read.integer("selected"));
  for (const auto& item : preview.at("items").as_array()) {
    if (JsonReader(item).string("outcome") != "changed") continue;
    fmt::print("  {}\n", JsonReader(item).string("title"));
    print_values(item);
  }
  fmt::print("Chưa có gì thay đổi. Thêm --apply để sửa.\n");
}

void print_done(const value& edit) {
  const JsonReader counts(edit.at("counts"));
  fmt::print("Đã sửa {} tư liệu; {} đã như vậy; {} không sửa được.\n", counts.integer("changed"),
             counts.integer("unchanged"), counts.integer("refused"));
  print_refused(edit, "refused");
  const auto id = JsonReader(edit).string("id");
  fmt::print("Mã lần sửa: {}. Hoàn tác: khochung bulk-edit --undo {}\n", id, id);
}

void print_undone(const value& edit) {
  fmt::print("Đã trả {} tư liệu về như trước.\n", JsonReader(edit.at("counts")).integer("undone"));
  print_refused(edit, "not_undone");
}

/// Sends the materials of a preview, each with the revision that it saw.
Result<value> apply(Client& client, object order, const value& preview) {
  const auto& materials = preview.at("materials").as_array();
  ProgressBar progress("Sửa hàng loạt");
  progress.show({.done = 0, .total = materials.size()});
  order.erase("query");
  order["materials"] = materials;
  auto done = KHOCHUNG_TRY(json_of(client, post(std::string(address), order)));
  progress.show({.done = materials.size(), .total = materials.size()});
  return done;
}

int change(Client& client, const BulkEditOptions& options, bool prints_json) {
  const auto order = order_of(options);
  if (!order) return print_error(order.error(), prints_json);
  auto asked = *order;
  asked["preview"] = true;
  const auto preview = json_of(client, post(std::string(address), asked));
  if (!preview) return print_error(preview.error(), prints_json);
  if (!options.applies) {
    if (prints_json) {
      print_json(*preview);
    } else {
      print_preview(*preview);
    }
    return 0;
  }
  const auto done = apply(client, *order, *preview);
  if (!done) return print_error(done.error(), prints_json);
  if (prints_json) {
    print_json(*done);
  } else {
    print_done(*done);
  }
  return 0;
}

}  // namespace

int bulk_edit(Client& client, const BulkEditOptions& options, bool prints_json) {
  if (options.undo.empty()) return change(client, options, prints_json);
  if (searches(options.search) || !options.materials.empty() || !options.sets.empty() ||
      !options.clears.empty() || options.applies)
    return print_error({ErrorCode::bad_input, "--undo stands alone"}, prints_json);
  const auto target = std::string(address) + "/" + http::percent_encode(options.undo) + "/undo";
  return with_answer(client, post(target, object()), prints_json, print_undone);
}

}  // namespace khochung::app
