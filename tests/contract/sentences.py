"""Sentences to train and to test with.

Written for these tests: none of the product's own is here.
"""

from __future__ import annotations

import json

SYSTEM = (
    "Clasifica el mensaje del cliente. Responde solo con una de estas etiquetas: comprar, devolver,"
    " queja o consulta."
)


# Written for these tests: none of the product's own example sentences is here.
SENTENCES = {
    "comprar": [
        "Quiero encargar dos lámparas de pie",
        "Ponme una cafetera roja en el carrito",
        "Me llevo el sofá de tres plazas",
        "Necesito pedir un teclado nuevo para hoy",
        "Añade tres toallas de baño a mi pedido",
        "Deseo adquirir la mesa de roble que vi ayer",
        "Resérvame la última bicicleta, la pago ahora",
        "Voy a quedarme con el colchón grande, cobradme",
        "Tramita la compra de cuatro sillas plegables",
    ],
    "devolver": [
        "El microondas no cabe en la cocina, quiero que me devolváis el dinero",
        "Os mando de vuelta la tableta sin estrenar",
        "Cómo os reenvío el espejo que no me convence",
        "Necesito el reembolso del sillón",
        "Quiero cambiar la alfombra por otra más pequeña",
        "Pasad a recoger la estantería, no me la quedo",
        "Solicito la devolución del aspirador que compré el lunes",
        "He recibido el modelo equivocado y quiero retornarlo",
        "Quiero anular el pedido ya entregado y recuperar el importe",
    ],
    "queja": [
        "El repartidor fue muy grosero conmigo",
        "Llevo un mes esperando y nadie responde al teléfono",
        "Es una vergüenza cómo tratáis a la gente",
        "La caja llegó rota y mojada, qué desastre",
        "Vuestro servicio es pésimo y cada vez va a peor",
        "Estoy muy enfadado con la atención que he recibido",
        "La lavadora se ha estropeado al segundo día, menuda calidad",
        "Me habéis cobrado de más y encima os reís de mí",
        "Nunca había visto una tienda tan mal organizada",
    ],
    "consulta": [
        "A qué hora abrís los sábados",
        "Hacéis envíos a Canarias",
        "Qué garantía tiene el televisor",
        "Se puede pagar con tarjeta de regalo",
        "Dónde está la tienda más cercana",
        "Cuánto mide la cama de matrimonio",
        "Tenéis aparcamiento para clientes",
        "Cuántos días tarda en llegar un envío a Portugal",
        "De qué material es la encimera blanca",
    ],
}


FEW = {
    "sí": ["uno", "dos", "tres", "cuatro", "cinco"],
    "no": ["seis", "siete", "ocho", "nueve", "diez"],
}


UNSEEN = [
    ("Me gustaría comprar un escritorio de madera", "comprar"),
    ("Mándame dos almohadas, las pago con tarjeta", "comprar"),
    ("Encargo una vitrina y un par de cuadros", "comprar"),
    ("Quiero hacerme con la freidora que tenéis de oferta", "comprar"),
    ("Devuelvo la cortina porque no es del color que pedí", "devolver"),
    ("Reembolsadme la plancha, la reenvío mañana", "devolver"),
    ("No me quedo con la silla de oficina, recogedla en casa", "devolver"),
    ("Quiero cambiar este perchero por otro modelo", "devolver"),
    ("Estoy harto de vuestra falta de respeto", "queja"),
    ("El paquete llegó tarde y destrozado, es indignante", "queja"),
    ("Qué vergüenza de atención telefónica", "queja"),
    ("Nadie me contesta desde hace dos semanas, muy mal", "queja"),
    ("Cuál es vuestro horario en festivos", "consulta"),
    ("Cuánto cuesta el transporte a Mallorca", "consulta"),
    ("Qué dimensiones tiene el armario ropero", "consulta"),
    ("Aceptáis pagos con el móvil en la tienda", "consulta"),
]


def rows(sentences: dict[str, list[str]], system: str = SYSTEM) -> bytes:
    """A training file: one chat example per sentence."""
    lines = []
    for label, texts in sentences.items():
        for text in texts:
            said = (("system", system), ("user", text), ("assistant", label))
            lines.append(
                json.dumps(
                    {"messages": [{"role": role, "content": content} for role, content in said]},
                    ensure_ascii=False,
                )
            )
    return "\n".join(lines).encode()
