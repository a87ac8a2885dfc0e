/**
 * The hello-world of the same parts: koa, koa-router, xml2js and @wecom/crypto put together as their pages show it,
 * with a fixed answer. What somebody would have after an afternoon, and what the whole bot is compared with.
 */
import { text } from 'node:stream/consumers';
import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import Koa from 'koa';
import Router from 'koa-router';
import { parseStringPromise } from 'xml2js';
import { CALLBACK_PATH, fromEnvironment } from '../corp.ts';

const { corpId, token, encodingAesKey } = fromEnvironment(process.env);
const app = new Koa();
const router = new Router();

router.post(CALLBACK_PATH, async (ctx) => {
  const timestamp = String(ctx.query.timestamp);
  const nonce = String(ctx.query.nonce);
  const envelope = await parseStringPromise(await text(ctx.req), { explicitArray: false });
  const sealed: string = envelope.xml.Encrypt;
  if (getSignature(token, timestamp, nonce, sealed) !== ctx.query.msg_signature) {
    ctx.status = 400;
    return;
  }
  const { message } = decrypt(encodingAesKey, sealed);
  const { xml } = await parseStringPromise(message, { explicitArray: false });
  const answer = encrypt(
    encodingAesKey,
    `<xml><ToUserName><![CDATA[${xml.FromUserName}]]></ToUserName><FromUserName><![CDATA[${corpId}]]></FromUserName><CreateTime>${timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content></xml>`,
    corpId,
  );
  const signature = getSignature(token, timestamp, nonce, answer);
  ctx.type = 'application/xml';
  ctx.body = `<xml><Encrypt><![CDATA[${answer}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
});

app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
