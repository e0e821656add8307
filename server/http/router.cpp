#include "server/http/router.hpp"

#include <algorithm>

namespace khochung::http {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  if (!path.empty()) path.remove_prefix(1);
  while (true) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool serves(Method route, Method asked) {
  return route == asked || (asked == Method::head && route == Method::get);
}

std::string joined(std::vector<std::string_view>::const_iterator begin,
                   std::vector<std::string_view>::const_iterator end) {
  std::string text;
  for (auto at = begin; at != end; ++at) {
    if (at != begin) text += '/';
    text += *at;
  }
  return text;
}

}  // namespace

void Router::add(Route route) {
  const bool is_reading = route.method == Method::get || route.method == Method::options;
  if (route.load == Load::by_method) route.load = is_reading ? Load::light : Load::change;
  pieces_.push_back(pieces_of(route.pattern));
  auto* node = &tree_;
  for (const auto& piece : pieces_.back()) {
    if (!piece.name.empty()) break;
    auto& next = node->next[piece.prefix];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  node->routes.push_back(routes_.size());
  routes_.push_back(std::move(route));
}

Router::Pieces Router::pieces_of(std::string_view pattern) {
  Pieces pieces;
  for (const auto segment : segments_of(pattern)) {
    const auto open = segment.find('{');
    const auto close = segment.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      pieces.push_back({std::string(segment), {}, {}, false});
      continue;
    }
    auto name = segment.substr(open + 1, close - open - 1);
    const bool takes_rest = name.ends_with("...");
    if (takes_rest) name.remove_suffix(3);
    pieces.push_back({std::string(segment.substr(0, open)), std::string(name),
                      std::string(segment.substr(close + 1)), takes_rest});
  }
  return pieces;
}

bool Router::fits(const Pieces& pieces, const std::vector<std::string_view>& segments) {
  const bool takes_rest = pieces.back().takes_rest;
  if (takes_rest ? segments.size() < pieces.size() : segments.size() != pieces.size()) return false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& piece = pieces[i];
    if (piece.takes_rest) return true;
    const bool fits_here = piece.name.empty()
                               ? segments[i] == piece.prefix
                               : segments[i].size() > piece.prefix.size() + piece.suffix.size() &&
                                     segments[i].starts_with(piece.prefix) &&
                                     segments[i].ends_with(piece.suffix);
    if (!fits_here) return false;
  }
  return true;
}

bool Router::is_more_literal(const Pieces& left, const Pieces& right) {
  const auto rank = [](const Piece& piece) {
    if (piece.takes_rest) return 0;
    if (piece.name.empty()) return 3;
    return piece.prefix.empty() && piece.suffix.empty() ? 1 : 2;
  };
  return std::ranges::lexicographical_compare(right, left, {}, rank, rank);
}

std::map<std::string, std::string> Router::parameters_of(
    const Pieces& pieces, const std::vector<std::string_view>& segments) {
  std::map<std::string, std::string> parameters;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& piece = pieces[i];
    if (piece.name.empty()) continue;
    if (piece.takes_rest) {
      parameters[piece.name] =
          joined(segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end());
      continue;
    }
    auto value = segments[i];
    value.remove_prefix(piece.prefix.size());
    value.remove_suffix(piece.suffix.size());
    parameters[piece.name] = value;
  }
  return parameters;
}

void Router::for_each_fitting(const std::vector<std::string_view>& segments,
                              const std::function<void(std::size_t)>& visit) const {
  const auto* node = &tree_;
  for (std::size_t depth = 0;; ++depth) {
    for (const auto route : node->routes) {
      if (fits(pieces_[route], segments)) visit(route);
    }
    if (depth == segments.size()) return;
    const auto next = node->next.find(segments[depth]);
    if (next == node->next.end()) return;
    node = next->second.get();
  }
}

Result<Router::Match> Router::match(Method method, std::string_view path) const {
  const auto segments = segments_of(path);
  std::size_t best = routes_.size();
  bool path_is_known = false;
  for_each_fitting(segments, [&](std::size_t route) {
    path_is_known = true;
    if (!serves(routes_[route].method, method)) return;
    if (best == routes_.size() || is_more_literal(pieces_[route], pieces_[best])) best = route;
  });
  if (best < routes_.size()) {
    return Match{&routes_[best], parameters_of(pieces_[best], segments)};
  }
  if (path_is_known) {
    return fail(ErrorCode::unsupported, "method_not_allowed", "the path has other methods");
  }
  return fail(ErrorCode::not_found, "no route has this path");
}

std::vector<Method> Router::methods_of(std::string_view path) const {
  const auto segments = segments_of(path);
  std::vector<Method> methods;
  const auto note = [&](Method method) {
    if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
  };
  for_each_fitting(segments, [&](std::size_t route) {
    note(routes_[route].method);
    if (routes_[route].method == Method::get) note(Method::head);
  });
  return methods;
}

}  // namespace khochung::http
