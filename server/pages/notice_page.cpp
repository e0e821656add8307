#include "server/pages/notice_page.hpp"

#include <boost/json.hpp>

#include "server/pages/context.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using boost::json::object;
using boost::json::value;

std::string_view key_of(NoticeStep step) {
  switch (step) {
    case NoticeStep::asking: return "notice.ask";
    case NoticeStep::asked: return "notice.asked";
    case NoticeStep::confirming: return "notice.confirm";
    case NoticeStep::confirmed: return "notice.confirmed";
    case NoticeStep::leaving: return "notice.leave";
    case NoticeStep::left: return "notice.left";
  }
  return "";
}

/// The one thing to do; nothing when it is done.
value button_of(NoticeStep step, Language language) {
  const bool is_question = step == NoticeStep::confirming || step == NoticeStep::leaving;
  if (!is_question) return nullptr;
  return object{{"label", text(language, std::string(key_of(step)) + ".button")}};
}

}  // namespace

std::string notice_page(const PageContext& context, const NoticeView& view) {
  const std::string key(key_of(view.step));
  const auto heading = text(context.language, key + ".title");
  object page{{"heading", heading},
              {"lead", text(context.language, key + ".lead")},
              {"kit_address", view.title.empty() ? "" : "/kit/" + encoded(view.kit)},
              {"title", view.title},
              {"error", view.error},
              {"button", button_of(view.step, context.language)},
              {"form", nullptr}};
  if (view.step == NoticeStep::asking) {
    page["form"] = object{{"action", "/kit/" + encoded(view.kit) + "/notices"},
                          {"csrf", context.csrf_token},
                          {"address", view.address}};
  }
  Frame frame;
  frame.tab_title = joined({heading, view.title});
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("notice", page, context.language));
}

}  // namespace khochung::pages
