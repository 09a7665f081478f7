"""The words of 移送行政拘留: every code of its table and forms as people read it."""

from __future__ import annotations

PROCESS, POLICE_PROCESS = "detention", "police_detention"
READY = "readiness_changed"
QUESTION_KIND = "detention"

NONE = "none"
CODE_1108, CODE_1131 = "法典1108", "法典1131(2)"
CODE = "法典"  # how the grounds of the new law begin
# 拒不执行、拒不停止、拒不改正: the order must be served and the refusal found (853号3, 4, 8)
AFTER_ORDER = frozenset({"环保法63(1)", "环保法63(2)", "环保法63(4)", "法典1095(2)", "法典1102", CODE_1131})
GROUNDS: dict[str, str] = {
    "环保法63(1)": "《环境保护法》（2014）第六十三条第（一）项：未依法环评，被责令停止建设，拒不执行",
    "环保法63(2)": "《环境保护法》（2014）第六十三条第（二）项：未取得排污许可证排污，被责令停止排污，拒不执行",
    "环保法63(3)": "《环境保护法》（2014）第六十三条第（三）项：通过逃避监管的方式违法排放污染物",
    "环保法63(4)": "《环境保护法》（2014）第六十三条第（四）项：生产、使用禁用农药，被责令改正，拒不改正",
    "固废法120": "《固体废物污染环境防治法》第一百二十条：固体废物六项违法行为",
    "土壤法87": "《土壤污染防治法》第八十七条：向农用地排放有毒有害污水、污泥等，情节严重",
    "土壤法94": "《土壤污染防治法》第九十四条：未按规定采取风险管控措施、实施修复，情节严重",
    "法典1095(2)": "《生态环境法典》第一千零九十五条第二款：被责令停止建设或者恢复原状，拒不执行",
    "法典1102": "《生态环境法典》第一千一百零二条：未取得排污许可证，拒不停止排放污染物",
    CODE_1108: "《生态环境法典》第一千一百零八条：通过逃避监管的方式排放污染物",
    CODE_1131: "《生态环境法典》第一千一百三十一条第二款：禁用农药被责令改正，拒不改正",
    "法典1160": "《生态环境法典》第一千一百六十条：向农用地排放有毒有害污水、污泥等，情节严重",
    "法典1165(2)": "《生态环境法典》第一千一百六十五条第二款：未采取风险管控措施、未按规定修复，情节严重",
    "法典1179(1)": "《生态环境法典》第一千一百七十九条第（一）项：擅自倾倒、堆放固体废物，造成严重后果",
    "法典1179(2)": "《生态环境法典》第一千一百七十九条第（二）项：危险废物扬散、流失、渗漏或者其他严重后果",
    "法典1179(3)": "《生态环境法典》第一千一百七十九条第（三）项：擅自转移危险废物",
    "法典1179(4)": "《生态环境法典》第一千一百七十九条第（四）项：在保护区域建设集中贮存、利用、处置设施",
    "法典1179(5)": "《生态环境法典》第一千一百七十九条第（五）项：无证或者不按许可证经营危险废物",
    "法典1179(6)": "《生态环境法典》第一千一百七十九条第（六）项：将危险废物交给无许可证的单位、个人",
}
ORDERS = {
    "eia_stop": "未依法环评，被责令停止建设，拒不执行",
    "eia_restore": "未依法环评，被责令恢复原状，拒不执行",
    "permit_stop": "无证排污，被责令停止，拒不执行",
    "pesticide": "生产、使用禁用农药，被责令改正，拒不改正",
}
WAYS = {
    "hidden_pipe": "暗管",
    "seepage_well": "渗井",
    "seepage_pit": "渗坑",
    "injection": "灌注",
    "fissure": "裂隙",
    "karst_cave": "溶洞",
    "false_data": "篡改、伪造监测数据",
    "stop_to_dodge": "以逃避现场检查为目的的临时停产",
    "emergency_outlet": "非紧急情况下开启应急排放通道、阀门",
    "abnormal_operation": "不正常运行污染防治设施",
}
REFUSALS = {
    "again": "送达后再次检查发现仍在继续",
    "evidence": "有证据证明责令期间仍在继续",
    "obstructed": "拒绝、阻挠核查",
    "not_done": "无正当理由不及时完成改正要求",
}
SOIL = {"4": "第（四）项：未采取相应风险管控措施", "5": "第（五）项：未按照规定实施修复"}
WASTE = {
    "1": "第（一）项：擅自倾倒、堆放、丢弃、抛撒、遗撒、焚烧固体废物",
    "2": "第（二）项：未采取防范措施，造成危险废物扬散、流失、渗漏或者其他严重后果",
    "3": "第（三）项：未经批准擅自转移危险废物",
    "4": "第（四）项：在需要特别保护的区域内建设集中贮存、利用、处置设施、场所和生活垃圾填埋场",
    "5": "第（五）项：无许可证或者未按照许可证规定从事危险废物经营活动",
    "6": "第（六）项：将危险废物提供或者委托给无许可证的单位、个人",
}
ROLES = {
    "in_charge": "直接负责的主管人员",
    "other": "其他直接责任人员",
    "legal_rep": "法定代表人（法典第一千一百七十九条）",
    "chief": "主要负责人（法典第一千一百七十九条）",
}
STATES = {"ready": "可以移送", "crime": "按涉嫌犯罪处理", "wait": "等前置决定"}
DECISIONS = {"approve": "批准移送", "refuse": "不移送", "return": "退回补充"}
ANSWERS = {"no_ground": "没有拘留事由", "criminal": "按涉嫌犯罪处理", "approved": "批准移送行政拘留", "refused": "不移送行政拘留"}
OUTCOMES = {
    "detained": "公安机关已决定拘留，已归档",
    "returned": "公安机关退回，已依法结案",
    "no_ground": "没有拘留事由",
    "criminal": "按涉嫌犯罪处理",
    "refused": "不移送",
}
NOTICES = {"supplement": "告知补充材料", "decided": "抄送拘留决定", "returned": "说明理由、退回", "supplied": "补充材料"}
POLICE_STATES = {
    "arrived": "待受案",
    "examine": "审查",
    "extend": "待批准延长",
    "decided": "已决定拘留",
    "returned": "已退回",
}
RESULTS = {"detained": "行政拘留", "not": "不予拘留"}
# kinds of act in the register whose penalty decision asks the question by itself: a ground of the table may lie in them
ASKED_OF = frozenset({"permit", "hidden", "monitor", "facility", "eia", "hazardous", "solid", "soil"})


def ground(item: str) -> str:
    return GROUNDS.get(item, item)
