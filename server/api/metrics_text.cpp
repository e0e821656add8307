#include "server/api/metrics_text.hpp"

#include <fmt/format.h>

#include <iterator>
#include <numeric>

namespace khochung::api {
namespace {

/// Source: the format's rules for label values.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

std::string joined(MetricsText::Labels labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}=\"{}\"", name, escaped(value));
  }
  return text;
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void MetricsText::line(std::string_view suffix, double value, const std::string& labels) {
  text_ += family_;
  text_ += suffix;
  if (!labels.empty()) text_ += "{" + labels + "}";
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void MetricsText::sample(double value, Labels labels) {
  line("", value, joined(labels));
}

void MetricsText::gauge(std::string_view name, std::string_view help, double value) {
  family(name, "gauge", help);
  sample(value);
}

void MetricsText::counter(std::string_view name, std::string_view help, double value) {
  family(name, "counter", help);
  sample(value);
}

void MetricsText::histogram(const http::RouteTraffic::Histogram& histogram, Labels labels) {
  const auto& counts = histogram.counts;
  const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (total == 0) return;
  const auto common = joined(labels);
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < http::RouteTraffic::bounds.size(); ++i) {
    so_far += counts.at(i);
    line("_bucket", static_cast<double>(so_far),
         fmt::format("{},le=\"{}\"", common, http::RouteTraffic::bounds.at(i)));
  }
  line("_bucket", static_cast<double>(total), common + ",le=\"+Inf\"");
  line("_sum", histogram.seconds, common);
  line("_count", static_cast<double>(total), common);
}

}  // namespace khochung::api
