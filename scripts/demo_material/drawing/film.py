"""The frames of a short film and the sentence spoken over each."""
from . import scenes
from .shapes import gear, group, rect, star, svg, words

PAGE = '<!doctype html><meta charset="utf-8"><style>body{margin:0}svg{display:block}</style>'
WIDTH, HEIGHT = 1280, 720


def title(head, second):
    body = rect(0, 0, WIDTH, HEIGHT, "#a6121f") + gear(640, 230, 120, "#ffd76a", 16, 0.7) + star(640, 226, 60, "#fff3c4")
    body += words(640, 470, head, 74, "#fff", 900) + words(640, 545, second, 40, "#ffe08a", 600)
    return svg(WIDTH, HEIGHT, body + words(640, 680, "VĂN BẢN MẪU · Kho Chung", 22, "#ffe9c4", 500))


def captioned(scene, caption):
    inner = scene().split(">", 1)[1].rsplit("</svg>", 1)[0]
    body = group(inner, 0, -120, 0.8) + rect(0, 600, WIDTH, 120, "#111", 0, 'opacity=".72"')
    body += words(640, 662, caption, 40, "#fff", 700) + words(640, 702, "VĂN BẢN MẪU · Kho Chung", 20, "#ffe08a", 500)
    return svg(WIDTH, HEIGHT, body)


def frames():
    return [
        (title("THÁNG CÔNG NHÂN 2026", "Đoàn kết – Sáng tạo – An toàn"),
         "Tháng Công nhân năm 2026. Đoàn kết, sáng tạo, an toàn."),
        (captioned(scenes.meeting, "Đối thoại: nói thẳng, nghe thật, làm ngay"),
         "Hội nghị người lao động: nói thẳng, nghe thật, làm ngay."),
        (captioned(scenes.sewing_line, "Chuyền may an toàn, xanh, sạch"),
         "Mỗi chuyền may có một an toàn vệ sinh viên, mỗi ngày một lời nhắc."),
        (captioned(scenes.legal_advice, "Tư vấn pháp luật miễn phí tại khu nhà trọ"),
         "Buổi tối, công đoàn tư vấn pháp luật miễn phí ngay tại khu nhà trọ."),
        (title("CÔNG ĐOÀN Ở BÊN BẠN", "Gặp tổ trưởng công đoàn để được hỗ trợ"),
         "Công đoàn ở bên bạn. Hãy gặp tổ trưởng công đoàn để được hỗ trợ."),
    ]
