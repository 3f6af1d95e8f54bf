(** C3 [ours; Maurey known] rebuilt (blueprint, section 2; blueprint-2, section 5): a reference of any width serves a
    route that empties l slots, at the price of its draw: above sqrt L* + sigma S*/sqrt l the depth is what the route
    costs. With R4, and with R1's bound, alone and in C2F, in the blueprint's own constant, which R4 already gives.

    Definitions: [cap_constant], kappa_d = Gamma((d+1)/2) / (d sqrt(pi) Gamma(d/2)) by its recursion: 1/pi, 1/4, and
    kappa_(d+2) = kappa_d (d+1)/(d+2).
    Statements: C3, R1, C2F. *)

From Coq Require Import Reals Lra Psatz List Arith Lia.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import slots regulariser draw.
From Skipscape.routes Require Import prune.
From Skipscape.theorems Require Import connectivity emptying regularised.
Open Scope R_scope.

Fixpoint cap_constant (d : nat) : R :=
  match d with
  | 0%nat => 1 / 2
  | 1%nat => / PI
  | S (S d') => cap_constant d' * (INR (d' + 1) / INR (d' + 2))
  end.

Lemma cap_constant_bounds d : 0 < cap_constant d <= 1.
Proof.
  assert (H : (0 < cap_constant d <= 1) /\ (0 < cap_constant (S d) <= 1)); [|easy].
  induction d as [|d [IH1 IH2]].
  - split; [simpl; lra|]. simpl. pose proof PI_RGT_0. pose proof PI2_1. split; [now apply Rinv_0_lt_compat|].
    rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
  - split; [easy|]. cbn [cap_constant]. assert (0 < INR (d + 1)) by (apply lt_0_INR; lia).
    assert (0 < INR (d + 2)) by (apply lt_0_INR; lia). assert (INR (d + 1) <= INR (d + 2)) by (apply le_INR; lia).
    assert (0 < INR (d + 1) / INR (d + 2) <= 1).
    { split; [apply Rdiv_lt_0_compat; lra|]. apply (Rmult_le_reg_r (INR (d + 2))); [easy|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    split; nra.
Qed.

(** l/m <= (n/(kappa_d m))^(1/d) for l <= n: R4's share is at most R1's root; r is the d-th root *)
Lemma share_below_root d m l n r : (1 <= d)%nat -> (0 < l < m)%nat -> (l <= n)%nat -> 0 <= r ->
  r ^ d = INR n / (cap_constant d * INR m) -> INR l / INR m <= r.
Proof.
  intros Hd Hl Hn Hr Er.
  assert (Hm : 0 < INR m) by (apply lt_0_INR; lia). assert (Hl' : 0 < INR l) by (apply lt_0_INR; lia).
  assert (Hlm : INR l <= INR m) by (apply le_INR; lia). assert (Hln : INR l <= INR n) by now apply le_INR.
  destruct (cap_constant_bounds d) as [Hk0 Hk1].
  set (x := INR l / INR m). assert (Hx : 0 < x <= 1).
  { unfold x. split; [now apply Rdiv_lt_0_compat|]. apply (Rmult_le_reg_r (INR m)); [easy|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  apply Rnot_lt_le. intros Hlt. destruct d as [|d']; [lia|].
  assert (Hpow : r ^ d' <= x ^ d') by (apply pow_incr; lra). assert (Hxp : 0 < x ^ d') by (apply pow_lt; lra).
  assert (H1 : r ^ S d' < x ^ S d') by (simpl; pose proof (pow_le r d' Hr); nra).
  assert (H2 : x ^ d' <= 1) by (rewrite <- (pow1 d'); apply pow_incr; lra).
  assert (H3 : x <= r ^ S d').
  { rewrite Er. unfold x, Rdiv. apply Rmult_le_compat; [lra | left; now apply Rinv_0_lt_compat | easy|].
    apply Rinv_le_contravar; nra. }
  simpl in H1, H3. nra.
Qed.

(** R1, n = l + 1 (greedy centres) and n = l (averaging): "D <= 2 sigma S (n/(kappa_d m))^(1/d)", from R4 alone *)
Theorem R1_cap_constant (X : data) m (B : branch) d sigma lam P l n r :
  (1 <= d)%nat -> (0 < l < m)%nat -> (l <= n)%nat -> moment X sigma -> 0 <= lam -> 0 <= r ->
  r ^ d = INR n / (cap_constant d * INR m) ->
  exists J ctr cf, admissible m l J ctr cf /\ shrinks X P J ctr cf /\
    deviation X B sigma lam P J ctr cf <= 2 * sigma * mass X m B lam P * r.
Proof.
  intros Hd Hl Hn Hs Hlam Hr Er. destruct (R4_prune X m B sigma lam P l ltac:(lia) Hs Hlam) as (J & ctr & Ha & Hsh & _ &
    HD).
  exists J, ctr, (fun _ => 0). split; [easy|]. split; [easy|]. eapply Rle_trans; [exact HD|].
  destruct Hs as [Hs0 _]. assert (HS : 0 <= sigma * mass X m B lam P) by (apply Rmult_le_pos;
    [easy | now apply mass_nonneg]).
  pose proof (share_below_root d m l n r Hd Hl Hn Hr Er). nra.
Qed.

(** C2F, second half: "sqrt lambda + 2 sigma (lambda/kappa) ((l+1)/(kappa_d m))^(1/d)": the abstract's rate under kappa
    > 0, in our reading; it follows from R4's half *)
Theorem C2F_R1 X m B opn lip kappa d l w v sigma P P' level r :
  gauges X B opn lip -> 0 < kappa -> (1 <= d)%nat -> (0 < l < m)%nat -> moment X sigma ->
  0 <= r -> r ^ d = INR (l + 1) / (cap_constant d * INR m) ->
  let F := objective X m B opn lip kappa in
  F P <= level -> F P' <= level -> two_layer_objective X kappa l w v <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (F (gam t)) <= sqrt level + 2 * sigma * (level / kappa) * r.
Proof.
  intros Hg Hk Hd Hl Hs Hr Er F HP HP' Hstar.
  destruct (C2F_rate X m B opn lip Hg kappa (Rlt_le _ _ Hk) l w v sigma P P' level Hk ltac:(lia) Hs HP HP' Hstar)
    as (gam & Hpath & g0 & g1 & H).
  exists gam. repeat split; try easy. intros t Ht. eapply Rle_trans; [apply (H t Ht)|]. apply Rplus_le_compat_l.
  pose proof (share_below_root d m l (l + 1) r Hd Hl ltac:(lia) Hr Er) as Hshare.
  pose proof (squared_nonneg X (parallel X m B P)) as HL. pose proof (proj1 Hs) as Hs0.
  assert (Hmass : 0 <= total_mass X m B opn lip P) by now apply mass_nonneg, (gain_nonneg X B).
  assert (Hlevel : 0 <= level / kappa).
  { apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat]. unfold F, objective in HP. nra. }
  assert (0 <= sigma * (level / kappa)) by now apply Rmult_le_pos.
  assert (0 <= INR l / INR m) by (apply Rmult_le_pos; [apply pos_INR | left; apply Rinv_0_lt_compat, lt_0_INR; lia]).
  nra.
Qed.

Section Gap.
Variables (X : data) (m : nat) (B : branch).
Notation loss P := (squared X (parallel X m B P)).

(** any route by merging l slots, a reference (w, v) of any width k *)
Theorem C3_depth k w v l sigma lam P J ctr cf : (0 < l)%nat -> moment X sigma -> branch_gain X B P lam ->
  admissible m l J ctr cf ->
  sqrt (squared X (two_layer X k w v)) + sigma * two_layer_mass X k w v / sqrt (INR l) < sqrt (loss P) ->
  depth_at_most (fun P => loss P) P (rise (loss P) (deviation X B sigma lam P J ctr cf)).
Proof.
  intros Hl Hs Hlam Ha Hgap. destruct (C3_maurey_root X k w v l sigma Hl Hs) as (w' & v' & H).
  apply (C1_depth X m B l w' v' sigma lam P J ctr cf Hs Hlam Ha). apply sqrt_lt_0_alt. lra.
Qed.

(** with R4: depth of order l/m, gap of order 1/sqrt l *)
Theorem C3_prune k w v l sigma lam P : (0 < l < m)%nat -> moment X sigma -> branch_gain X B P lam ->
  sqrt (squared X (two_layer X k w v)) + sigma * two_layer_mass X k w v / sqrt (INR l) < sqrt (loss P) ->
  depth_at_most (fun P => loss P) P (rise (loss P) (sigma * mass X m B lam P * (INR l / INR m))).
Proof.
  intros Hl Hs Hlam Hgap. pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0.
  destruct (R4_prune X m B sigma lam P l ltac:(lia) Hs Hlam0) as (J & ctr & Ha & _ & _ & HD).
  pose proof (deviation_nonneg X B sigma lam P J ctr (fun _ => 0) (proj1 Hs) Hlam0) as H0.
  pose proof (sqrt_pos (loss P)).
  apply (depth_at_most_mono _ P (rise (loss P) (deviation X B sigma lam P J ctr (fun _ => 0)))).
  - unfold rise. apply Rplus_le_compat; [apply Rmult_le_compat_l; [lra | exact HD] | apply pow_incr; lra].
  - apply (C3_depth k w v l); easy.
Qed.
End Gap.
