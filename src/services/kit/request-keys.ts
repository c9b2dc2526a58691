export { AnsweredBefore, claimAnswer, releaseAnswer } from '../../store/kit/answer-claims.ts';
export { asRequest, DoneBefore } from '../../store/kit/request-keys.ts';
